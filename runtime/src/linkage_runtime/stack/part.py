"""A broker or a database that runs on this machine, and can be started again on its data."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from linkage_runtime.stack.process import Child


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The process, its address as clients write it, and how to tell that it answers."""

    child: Child
    address: str
    answers: Callable[[], bool]
    within: timedelta
    """How long it may take to start."""

    def start(self) -> None:
        """Start it; after it ended, on the same data and at the same address.

        Raises:
            ChildError: it ended, or did not answer in time.
        """
        self.child.start()
        self.child.await_ready(self.answers, within=self.within)

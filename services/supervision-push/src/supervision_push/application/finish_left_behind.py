"""Finish what a dying process left half done: returns, claims, letters not published."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from supervision_push.application.ports import Books, Catalogues
from supervision_push.application.return_pushes import finish_returns
from supervision_push.application.take_from_pool import finish_takings
from supervision_push.domain.terms import Schedule

Sweep = Callable[[], Awaitable[int]]
"""Publishes what the documents of one collection were left holding; returns how many they were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What was found; all 0 when nobody died."""

    returns: int
    opened: int
    letters: int

    @property
    def any(self) -> bool:
        """Whether there was anything."""
        return bool(self.returns or self.opened or self.letters)


async def finish_left_behind(
    at: datetime, *, books: Books, catalogues: Catalogues, schedule: Schedule, sweeps: list[Sweep]
) -> Finished:
    """Returns first, for they lead to claims; letters last."""
    returned = await finish_returns(
        None, at=at, books=books, catalogues=catalogues, schedule=schedule
    )
    opened = await finish_takings(None, at=at, books=books)
    letters = [await sweep() for sweep in sweeps]
    return Finished(
        returns=returned.returns, opened=opened + returned.rerouted, letters=sum(letters)
    )

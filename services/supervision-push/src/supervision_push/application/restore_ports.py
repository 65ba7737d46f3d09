"""What making pushes and the pool again needs from outside."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.envelope import Event
from linkage_contracts.progress import PushOpened
from supervision_push.application.ports import Books, Catalogues
from supervision_push.domain.pool import Claim
from supervision_push.domain.terms import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """All that the log tells of one push, and the decision event that it is about."""

    push_id: str
    events: tuple[Event, ...]
    decision: DecisionEvent
    body: bytes
    noted: int
    """How often something was noted of it."""

    @property
    def openings(self) -> tuple[PushOpened, ...]:
        """One; more where it settled several pool entries."""
        found = [one for one in self.events if isinstance(one, PushOpened)]
        return tuple(sorted(found, key=lambda one: (one.time, one.id)))


class Retellings(Protocol):
    """What was noted of pushes while the log is read."""

    async def decisions(self, decisions: Sequence[tuple[DecisionEvent, bytes]]) -> None:
        """Keep the bytes of decision events."""

    async def note(self, events: Sequence[Event]) -> None:
        """Keep events about pushes."""

    async def bodies(self, event_ids: Iterable[str]) -> Mapping[str, bytes]:
        """The bytes of these decision events."""

    async def untold(self, limit: int) -> list[Told]:
        """Pushes of which something was noted since they were last written."""

    async def written(self, told: Sequence[Told]) -> None:
        """These were written with all that was noted of them then."""

    async def settling(self, limit: int) -> list[Told]:
        """Pushes that settle something in the pool, and that was not entered yet."""

    async def settled(self, told: Sequence[Told]) -> None:
        """It was."""

    async def returned_by(self, pool_id: str) -> str | None:
        """Who had returned what waited there, if it was returned."""


class ClaimedPool(Protocol):
    """The pool, for claims that were made before."""

    async def claimed(self, claims: Mapping[str, Claim]) -> None:
        """Enter claims where nothing was entered yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorePorts:
    """What making pushes again needs from outside."""

    retellings: Retellings
    books: Books
    claims: ClaimedPool
    catalogues: Catalogues
    schedule: Schedule

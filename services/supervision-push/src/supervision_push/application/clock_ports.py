"""Whose deadlines run, and what their books can do: the same for pushes, results and so on."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from linkage_contracts.deadlines import DeadlineRef
from supervision_push.application.ports import Letter
from supervision_push.domain.clocks import RunningClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A push, a result, a supplement, a finding or a breach whose clocks run."""

    key: str
    """Its id in its collection."""
    about: DeadlineRef
    organisation: str
    """Who owes."""
    counterpart: str | None
    """The other side, which is told when it is overdue, and when the deadline is moved."""
    party: str
    clocks: tuple[RunningClock, ...]
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chased:
    """A subject and its clocks after everything due was told."""

    subject: Subject
    clocks: tuple[RunningClock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A subject, its clocks after an act on one of them, and what is to be told of it."""

    subject: Subject
    clocks: tuple[RunningClock, ...]
    letters: tuple[Letter, ...]


class Clocks(Protocol):
    """The clocks of one collection, for whoever tells what is due."""

    async def due(self, at: datetime, limit: int) -> list[Subject]:
        """Those that have something to tell, earliest first."""

    async def mark(self, chased: Sequence[Chased]) -> None:
        """Remember what was told, of those that nobody moved meanwhile."""


class ClockBook(Protocol):
    """The clocks of one collection, for whoever moves them."""

    async def find(self, keys: Iterable[str]) -> dict[str, Subject]:
        """Those that are there."""

    async def standing_still(self, at: datetime, limit: int) -> list[Subject]:
        """Those with a clock whose pause is over at ``at``."""

    async def awaiting(self, years: Collection[int], limit: int) -> list[Subject]:
        """Those with a clock that was computed without the notice of one of these years."""

    async def save(self, moved: Sequence[Moved]) -> int:
        """Write each with its letters, if it still stands as it was read; how many did."""

    async def flush(self, keys: Sequence[str]) -> None:
        """Publish what these hold."""

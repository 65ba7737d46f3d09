"""What keeping the books needs from outside, and what it hands over."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from linkage_runtime.books.claims import Claim, Place
from linkage_runtime.books.line import Line
from linkage_runtime.errors import TransientError

Positions = Mapping[str, int]
"""The next offset of each ``topic/partition``."""


class OtherKeeperError(TransientError):
    """Somebody else keeps these books at this moment, and was faster."""


class Read(NamedTuple):
    """A record of a topic, or of its dead letters."""

    topic: str
    partition: int
    offset: int
    at: datetime
    """When the broker took it."""
    body: bytes | None
    reader: str = ""
    """Of a dead letter: who buried it."""


class Moment(NamedTuple):
    """Under which line of the hourly sheet something counts."""

    at: datetime
    authority: str

    @property
    def hour(self) -> datetime:
        """The whole hour."""
        return self.at.replace(minute=0, second=0, microsecond=0)


class Entry(NamedTuple):
    """One to be added to the sheet."""

    hour: datetime
    authority: str
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A claim that is not fulfilled, since when, and where it belongs."""

    claim: Claim
    since: datetime
    moment: Moment
    origin: tuple[Place, str] | None = None
    """What stands without it; once that is gone, nothing is owed."""
    dead: bool = False
    """The event was buried by the one that had to fulfil it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Records as they were read, and where to read on."""

    records: Sequence[Read]
    positions: Positions


class Source(Protocol):
    """The log."""

    def batches(self, positions: Positions) -> AsyncIterator[Batch]:
        """What was written since, causes before their effects, up to a consistent cut."""

    async def lag(self, positions: Positions) -> int:
        """How many records lie ahead of these positions now."""


class Shelves(Protocol):
    """The services' stores, asked for a few ids at a time."""

    async def standing(self, claims: Collection[Claim]) -> frozenset[str]:
        """The keys of those claims that are fulfilled."""

    async def there(self, origins: Collection[tuple[Place, str]]) -> frozenset[tuple[Place, str]]:
        """Those of these documents that exist."""

    async def moments(self, lines: Sequence[Line]) -> Mapping[str, Moment]:
        """By event: the hour of the decision, or of the result, that it is about."""

    async def closing(self, push_ids: Collection[str]) -> Mapping[str, str]:
        """Of the closed among these pushes: the duty that was done last."""

    async def walk(self, place: Place, after: str, limit: int) -> list[dict[str, Any]]:
        """The next documents of a store in the order of their ids."""

    async def unpublished(self, before: datetime, limit: int) -> list[str]:
        """Acts whose event should have been acknowledged before this."""


@dataclass(slots=True)
class Page:
    """What one batch changes: written in one go, so that it counts once or not at all."""

    number: int
    at: datetime
    positions: Positions
    seen: bytes
    entries: Sequence[Entry] = field(default_factory=tuple)


class Book(Protocol):
    """The state of the books, in a database of its own."""

    async def last_page(self) -> Page | None:
        """Where the books stand; its sums are entered, if whoever wrote it could not."""

    def seen_since(self, at: datetime) -> AsyncIterator[Page]:
        """The pages of the last hours, without their entries."""

    async def owe(self, owed: Iterable[Owed]) -> None:
        """Note what is not fulfilled; known ones keep their time."""

    async def settle(self, keys: Collection[str]) -> None:
        """These are fulfilled."""

    async def bury(self, letters: Iterable[tuple[str, str, str]]) -> None:
        """Dead letters: id, event, reader."""

    async def buried(self, events: Collection[str]) -> frozenset[tuple[str, str]]:
        """(event, reader) of those that nobody replayed since."""

    async def turn(self, page: Page) -> None:
        """Write the next page, and enter its sums.

        Raises:
            OtherKeeperError: there is a page of this number.
        """

    async def forget(self, before: datetime) -> None:
        """Drop older pages, but never the last."""

    async def open_claims(self, limit: int) -> list[Owed]:
        """What is owed, the longest unchecked first."""

    async def checked(self, owed: Collection[Owed], at: datetime) -> None:
        """These were looked for, and are still owed."""

    async def walked(self, place: Place) -> str:
        """How far the patrol of a store has come; empty at its beginning."""

    async def walk_to(self, place: Place, after: str, at: datetime) -> None:
        """The patrol has come so far; to the empty id when it begins again."""

"""What the life of a push needs from outside."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import Channel
from linkage_contracts.envelope import Event
from linkage_contracts.topics import Topic
from supervision_push.domain.ending import Ending
from supervision_push.domain.party_class import PartyClass
from supervision_push.domain.pool import PoolEntry
from supervision_push.domain.push import Push
from supervision_push.domain.routing import Standing

Letter = tuple[Topic, Event]
"""An event and where it goes."""


class Publisher(Protocol):
    """Puts events on a topic, keyed as each event says, in the order given."""

    async def publish(self, topic: Topic, events: Iterable[Event]) -> None:
        """Return only once every event is acknowledged; raises TransientError otherwise."""


class Catalogues(Protocol):
    """Every version of the catalogue."""

    async def in_force(self) -> Catalogue:
        """The newest."""

    async def version(self, version: str) -> Catalogue:
        """The one that a decision was checked with."""


class PartyClasses(Protocol):
    """Each party's current classes, as credit last told them."""

    async def of(self, parties: Iterable[str]) -> Mapping[str, PartyClass]:
        """Those that are rated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPush:
    """A push and the bytes of the decision event that it is about."""

    push: Push
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPushes:
    """Pushes as they stand in the ledger, in the order given, and which of them are new."""

    pushes: tuple[Push, ...]
    fresh: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One push before and after an act, and what is to be told of it."""

    before: Push
    after: Push
    letters: tuple[Letter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedPush:
    """A returned push with its decision event, to be put in the pool."""

    push: Push
    body: bytes


class PushLedger(Protocol):
    """All pushes: the obligations to inform one authority of one decision event each."""

    async def open(self, pushes: Sequence[NewPush]) -> OpenedPushes:
        """Store what is new; a push that has moved on is not reset."""

    async def find(self, push_ids: Iterable[str]) -> dict[str, Push]:
        """Those that are there."""

    async def delivered(self, push_ids: Iterable[str]) -> frozenset[str]:
        """Those of them that were handed over, as far as that alone moved no push."""

    async def undelivered(self, organisation: str, push_ids: Iterable[str]) -> list[Push]:
        """The organisation's own among these that were not handed over yet."""

    async def lapsing(self, at: datetime, limit: int) -> list[Push]:
        """Those whose term for a receipt has passed, where policy then deems it given."""

    async def standing(self, decision_ids: Iterable[str]) -> dict[str, Standing]:
        """Who holds, and who returned, a push of these decisions."""

    async def rounds(self, recipient: str, decision_ids: Iterable[str]) -> dict[str, int]:
        """The highest routing round in which the recipient has a push of each decision event."""

    async def save(self, steps: Sequence[Step]) -> int:
        """Write each step and its letters, if its push still stands as before; how many did."""

    async def deliver(self, push_ids: Sequence[str], channel: Channel, at: datetime) -> None:
        """Mark as handed over those that were not yet."""

    async def ended(self, endings: Sequence[Ending]) -> list[Push]:
        """Pushes that these endings make void and that still stand, and those recalled."""

    async def unfinished_returns(self, push_ids: Sequence[str] | None) -> list[ReturnedPush]:
        """Returned pushes not put in the pool yet: of these ids, or all left behind (``None``)."""

    async def finished(self, push_ids: Sequence[str]) -> None:
        """These returned pushes are in the pool, or went to somebody else."""

    async def flush(self, push_ids: Sequence[str]) -> None:
        """Publish what these hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingEntry:
    """A pool entry and the bytes of its decision event."""

    entry: PoolEntry
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """A pool entry that gets a recipient: the push to open, and what is to be told of it."""

    entry: PoolEntry
    opening: NewPush
    letters: tuple[Letter, ...]


class Pool(Protocol):
    """Decisions and returned pushes that wait for an authority to claim them (认领)."""

    async def add(self, entries: Sequence[WaitingEntry]) -> dict[str, PoolEntry]:
        """Store what is new; returns those that were known before, as they stand, by id."""

    async def find(self, pool_ids: Iterable[str]) -> dict[str, WaitingEntry]:
        """Those that are there."""

    async def take(self, takings: Sequence[Taking]) -> int:
        """Give each to its claimer unless somebody was faster; returns how many were given."""

    async def unfinished(self, pool_ids: Sequence[str] | None) -> dict[str, NewPush]:
        """The pushes still to open: of these ids, or all left behind (``None``); by pool id."""

    async def finished(self, pool_ids: Sequence[str]) -> None:
        """The pushes of these entries are open and told of."""

    async def flush(self, pool_ids: Sequence[str]) -> None:
        """Publish what these hold."""


class Recalls(Protocol):
    """Tombstones: which decisions have ended, so that whoever opens a push later recalls it."""

    async def put(self, endings: Sequence[Ending]) -> None:
        """Remember the latest ending of each decision."""

    async def of(self, decision_ids: Iterable[str]) -> list[Ending]:
        """Those that have ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What opening a push reads and writes."""

    pushes: PushLedger
    pool: Pool
    recalls: Recalls
    classes: PartyClasses

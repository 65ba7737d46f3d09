"""What the use cases need from outside, as nouns; ``bootstrap`` binds the adapters."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from credit.domain.cases import Case, CaseKind, CaseState
from credit.domain.facts import Fact
from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import RiskClass
from linkage_contracts.envelope import Event
from linkage_contracts.ratings import Rating
from linkage_contracts.topics import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A party's rating as it is by now, and the stored one that it was compared with."""

    before: Rating | None
    after: Rating

    @property
    def is_news(self) -> bool:
        """Whether it is another: it has seen more, goes by a newer scorecard, or by a later day."""
        return self.before is None or self.after.revision > self.before.revision


class Publisher(Protocol):
    """Puts events on a topic, keyed as each event says, in the order given."""

    async def publish(self, topic: Topic, events: Iterable[Event]) -> None:
        """Return only once every event is acknowledged; raises TransientError otherwise."""


class FactLedger(Protocol):
    """Every fact, once."""

    async def add(self, facts: Sequence[Fact]) -> tuple[Fact, ...]:
        """Store what is not there yet; returns what was new."""

    async def of_parties(self, parties: Collection[str]) -> Mapping[str, tuple[Fact, ...]]:
        """All facts of these parties, at least as many as ``add`` has ever returned from."""

    async def of_party(self, party: str) -> tuple[Fact, ...]:
        """One party's facts."""

    async def ever_listed(self, list_code: str, after: str, limit: int) -> Sequence[str]:
        """Parties that were ever entered on a list, in the order of their codes."""

    async def deciding(self, parties: Collection[str]) -> Mapping[str, tuple[Fact, ...]]:
        """Those of the parties' facts that decide at the counter: of ``ELIGIBILITY_KINDS``."""


class ActLedger(Protocol):
    """Every act on credit facts as it stands on the log, for proof."""

    async def add(self, acts: Sequence[Event]) -> None:
        """Store what is not there yet."""

    async def of_party(self, party: str) -> tuple[Event, ...]:
        """One party's acts, the oldest first."""

    async def of_ids(self, event_ids: Collection[str]) -> Mapping[str, Event]:
        """Those of these that are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQuery:
    """Which cases to list, what waits longest first."""

    authorities: frozenset[str] | None
    """``None``: everybody's."""
    states: Sequence[CaseState]
    filed_until: Mapping[CaseKind, date]
    """Of each kind that is asked for, the last day of filing."""
    party: str | None
    after: Case | None
    limit: int


class CaseLedger(Protocol):
    """What authorities have to decide: repair applications and objections."""

    async def save(self, cases: Sequence[Case]) -> None:
        """Store each, unless what stands there was made of more acts."""

    async def of_id(self, case_id: str) -> Case | None:
        """One case."""

    async def page(self, query: CaseQuery) -> Sequence[Case]:
        """Cases by the time that they were filed at."""


class Catalogues(Protocol):
    """The catalogue of items (事项目录)."""

    async def in_force(self) -> Catalogue:
        """The newest version, or one of the last few seconds."""


class AllFacts(Protocol):
    """Every fact, party after party, for what concerns them all."""

    def by_party(self) -> AsyncIterator[tuple[Fact, ...]]:
        """The facts of each party."""


class RatingLedger(Protocol):
    """The newest rating of each party."""

    async def of_parties(self, parties: Collection[str]) -> Mapping[str, Rating]:
        """The stored ratings of those of these parties that have one."""

    async def save(self, revisions: Sequence[Revision], rank: int) -> frozenset[str]:
        """Store each, unless its party's rating is no longer the one it was compared with.

        Args:
            revisions: what is news.
            rank: of the scorecards that these were rated by.

        Returns:
            The parties whose rating somebody else had moved on.
        """

    async def due(self, on: date, limit: int) -> tuple[str, ...]:
        """Some parties whose rating turns by this day, the longest due first."""

    async def ranked_below(self, rank: int, limit: int) -> tuple[str, ...]:
        """Some parties that were last rated by older scorecards."""

    async def raise_rank(self, parties: Collection[str], rank: int) -> None:
        """Note that these were rated by the scorecards of this rank, also if nothing changed."""

    async def class_counts(self, domain: str) -> Mapping[RiskClass, int]:
        """How many parties stand in each class of a domain; every class is there."""

    async def newest_changes(self, limit: int) -> tuple[Rating, ...]:
        """The ratings whose class changed last, newest first."""

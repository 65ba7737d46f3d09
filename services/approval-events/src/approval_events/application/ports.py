"""What the use cases work with. Adapters say the technology; these say the need.

Every asynchronous call raises ``TransientError`` when what stands behind it is away.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from approval_events.domain.facts import Fact
from approval_events.domain.identity import Person
from approval_events.domain.linkage import Linkage, LinkageState
from linkage_contracts.catalogue import Catalogue
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.envelope import Event
from linkage_contracts.parties import SealedPerson
from linkage_contracts.topics import Topic


class Catalogues(Protocol):
    """Versions of the catalogue of items."""

    async def in_force(self) -> Catalogue:
        """The newest version, or one of the last few seconds."""

    async def put_in_force(self, catalogue: Catalogue) -> datetime:
        """Let a version be the one in force from the returned moment on."""


class KnownDecisions(Protocol):
    """Which decision events are recorded, or were accepted by this process a moment ago."""

    async def digests(self, event_ids: Sequence[str]) -> Mapping[str, str]:
        """Digests of those that are known."""

    async def events(self, event_ids: Sequence[str]) -> Mapping[str, DecisionEvent]:
        """Those that are known, whole."""


class RememberedDecisions(KnownDecisions, Protocol):
    """Known decisions as the door sees them: what was just accepted is known at once."""

    def remember(self, events: Iterable[DecisionEvent]) -> None:
        """Kafka has acknowledged these."""


class DecisionVersions(Protocol):
    """All versions of decisions."""

    async def versions(self, decision_ids: Iterable[str]) -> Sequence[DecisionEvent]:
        """Every event of these decisions that is recorded."""


class DecisionBooks(KnownDecisions, DecisionVersions, Protocol):
    """The first content of every decision event."""

    async def add(self, events: Sequence[DecisionEvent]) -> frozenset[str]:
        """Keep what is new; returns the ids that were known before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictRecord:
    """The second content, kept beside the first."""

    conflict_id: str
    kept_digest: str
    differences: tuple[str, ...]
    other: DecisionEvent


class Conflicts(Protocol):
    """Second contents under known numbers and dates."""

    async def add(self, records: Sequence[ConflictRecord]) -> int:
        """Keep what is new; returns how many were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkageQuery:
    """Which linkages to list; ``authorities`` of ``None`` means all."""

    authorities: frozenset[str] | None
    state: LinkageState | None
    after: str
    limit: int


class Ledger(Protocol):
    """The pages of all linkages."""

    async def record(self, facts: Iterable[Fact]) -> None:
        """Enter facts and let each page's state be what all its facts say."""

    async def page(self, decision_id: str) -> Linkage | None:
        """One linkage; ``None`` where nothing is known of it."""

    async def pages(self, query: LinkageQuery) -> Sequence[Linkage]:
        """Linkages in the order of their ids."""


class People(Protocol):
    """Personal data under a key of each person's own."""

    def key(self, person: Person) -> str:
        """The keyed hash by which a person is known."""

    async def seal(self, people: Sequence[Person]) -> Mapping[Person, SealedPerson]:
        """Seal many at once."""

    async def open(self, sealed: SealedPerson) -> Person:
        """Read one box."""

    async def erase(self, person: str) -> bool:
        """Delete a person's key for ever; ``False`` if there was none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Who looked at, or erased, which personal data, when and why."""

    act: Literal["opened", "erased"]
    subject: str
    """The decision whose party was opened, or the person that was erased."""
    organisation: str
    key_id: str
    reason: str
    at: datetime


class Openings(Protocol):
    """The record of who opened personal data."""

    async def add(self, opening: Opening) -> None:
        """Keep it; returns only once it is durable."""


class Publisher(Protocol):
    """Puts events on a topic, in the order given."""

    async def publish(self, topic: Topic, events: Iterable[Event]) -> None:
        """Return only once every event is acknowledged."""


class Measurements(Protocol):
    """Counts and gaps for whoever watches; never an id among the labels."""

    def answered(self, status: str, rules: Iterable[str] = ()) -> None:
        """A submission got its answer; ``rules`` are what it was turned away for."""

    def placed(self, answered: Iterable[tuple[str, str, Sequence[str]]]) -> None:
        """Each decision's status, region and items, whatever was answered."""

    def flagged(self, rules: Iterable[str]) -> None:
        """A decision was accepted as irregular."""

    def unverified(self, trouble: str) -> None:
        """A decision on commitment or tolerance was accepted while credit could not be asked."""

    def finding(self, rule: str, outcome: str) -> None:
        """Something was done about a finding of this rule."""

    def breach(self, step: str) -> None:
        """A bureau took this step of a breach."""

    def conflicts(self, count: int) -> None:
        """Second contents were kept."""

    def gap(
        self,
        name: str,
        start: datetime,
        end: datetime,
        *,
        authority: str,
        items: Sequence[str] | None = None,
    ) -> None:
        """The time between two steps of a loop, the second of which an authority took."""

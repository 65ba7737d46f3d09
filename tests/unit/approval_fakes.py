"""Fakes of the approving side's ports, and the door with all of them behind it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from approval_events.adapters.recent_decisions import RecentDecisions
from approval_events.application.accept_decisions import AcceptDecisions, accept_decisions
from approval_events.application.answers import Answer, Emitter, Row
from approval_events.application.ask_credit import Copy, Credit, CreditAwayError, Question
from approval_events.application.ports import ConflictRecord, LinkageQuery, Opening
from approval_events.domain.case import CreditTrouble
from approval_events.domain.facts import Fact
from approval_events.domain.identity import Person
from approval_events.domain.linkage import Linkage
from linkage_contracts.catalogue import Catalogue
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.envelope import Event
from linkage_contracts.parties import SealedPerson
from linkage_contracts.ratings import Bar
from linkage_contracts.topics import Topic
from linkage_runtime.errors import TransientError
from tests.unit.approval_builders import EMITTER, NOW, YARDSTICK, catalogue


@dataclass
class FakePublisher:
    """Keeps what was published; ``away`` is a broker that does not answer."""

    away: bool = False
    published: list[tuple[str, Event]] = field(default_factory=list)
    calls: int = 0

    async def publish(self, topic: Topic, events: Iterable[Event]) -> None:
        self.calls += 1
        if self.away:
            raise TransientError("Kafka is away")
        self.published += [(topic.name, event) for event in events]

    def on(self, topic: Topic) -> list[Event]:
        return [event for name, event in self.published if name == topic.name]


@dataclass
class FakeDecisions:
    """The books in memory."""

    kept: dict[str, DecisionEvent] = field(default_factory=dict)

    async def digests(self, event_ids: Sequence[str]) -> Mapping[str, str]:
        return {id_: self.kept[id_].data.digest for id_ in event_ids if id_ in self.kept}

    async def events(self, event_ids: Sequence[str]) -> Mapping[str, DecisionEvent]:
        return {id_: self.kept[id_] for id_ in event_ids if id_ in self.kept}

    async def versions(self, decision_ids: Iterable[str]) -> Sequence[DecisionEvent]:
        wanted = set(decision_ids)
        return [event for event in self.kept.values() if event.subject in wanted]

    async def add(self, events: Sequence[DecisionEvent]) -> frozenset[str]:
        known = frozenset(event.id for event in events if event.id in self.kept)
        for event in events:
            self.kept.setdefault(event.id, event)
        return known


@dataclass
class FakeConflicts:
    """Second contents in memory."""

    kept: dict[str, ConflictRecord] = field(default_factory=dict)

    async def add(self, records: Sequence[ConflictRecord]) -> int:
        new = [record for record in records if record.conflict_id not in self.kept]
        self.kept |= {record.conflict_id: record for record in new}
        return len(new)


@dataclass
class FakeLedger:
    """Pages in memory, merged by the domain."""

    kept: dict[str, Linkage] = field(default_factory=dict)

    async def record(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            page = self.kept.get(fact.linkage) or Linkage(decision_id=fact.linkage, facts={})
            self.kept[fact.linkage] = page.merge([fact])

    async def page(self, decision_id: str) -> Linkage | None:
        return self.kept.get(decision_id)

    async def pages(self, query: LinkageQuery) -> Sequence[Linkage]:
        fitting = (
            page
            for id_, page in sorted(self.kept.items())
            if id_ > query.after
            and query.state in {None, page.state}
            and (query.authorities is None or page.authority in query.authorities)
        )
        return list(fitting)[: query.limit]


@dataclass
class FakePeople:
    """Seals in memory: a box is a number, and nothing of the person stands in it."""

    boxes: dict[str, Person] = field(default_factory=dict)
    sealed_at_once: list[int] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)

    def key(self, person: Person) -> str:
        named_by = f"{person.id_type}|{person.id_number}" if person.id_number else person.name
        return f"person:{sha256(named_by.encode()).hexdigest()[:32]}"

    async def seal(self, people: Sequence[Person]) -> Mapping[Person, SealedPerson]:
        self.sealed_at_once.append(len(people))
        return {person: self._seal(person) for person in people}

    async def open(self, sealed: SealedPerson) -> Person:
        return self.boxes[sealed.box]

    async def erase(self, person: str) -> bool:
        self.erased.append(person)
        return any(self.key(known) == person for known in self.boxes.values())

    def _seal(self, person: Person) -> SealedPerson:
        box = f"box-{len(self.boxes)}"
        self.boxes[box] = person
        masked = person.name[:1] + "*" * max(1, len(person.name) - 1)
        return SealedPerson(person=self.key(person), masked_name=masked, box=box)


@dataclass
class FakeCredit:
    """Credit as it answers, and its ratings' copy; ``trouble`` is one that does not answer."""

    barred: dict[str, tuple[Bar, ...]] = field(default_factory=dict)
    copied: dict[str, Copy] = field(default_factory=dict)
    trouble: CreditTrouble | None = None
    asked: list[Question] = field(default_factory=list)
    calls: int = 0
    looked_up: list[str] = field(default_factory=list)

    async def bars(self, questions: Sequence[Question]) -> Mapping[Question, tuple[Bar, ...]]:
        self.calls += 1
        self.asked += questions
        if self.trouble:
            raise CreditAwayError(self.trouble, "as the test wants it")
        return {asked: self.barred.get(asked.party, ()) for asked in questions}

    async def copies(self, parties: Sequence[str]) -> Mapping[str, Copy]:
        self.looked_up += parties
        return {party: self.copied[party] for party in parties if party in self.copied}


@dataclass
class FakeCatalogues:
    """One catalogue in force."""

    current: Catalogue = field(default_factory=catalogue)

    async def in_force(self) -> Catalogue:
        return self.current

    async def put_in_force(self, catalogue: Catalogue) -> datetime:
        self.current = catalogue
        return NOW


@dataclass
class FakeOpenings:
    """Openings in memory."""

    kept: list[Opening] = field(default_factory=list)

    async def add(self, opening: Opening) -> None:
        self.kept.append(opening)


@dataclass
class FakeMeasurements:
    """Counts in memory."""

    statuses: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    irregular: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    outcomes: list[tuple[str, str]] = field(default_factory=list)
    steps: Counter[str] = field(default_factory=Counter)
    second_contents: int = 0
    places: list[tuple[str, ...]] = field(default_factory=list)
    acted: list[tuple[str, ...]] = field(default_factory=list)
    gaps: list[tuple[str, float]] = field(default_factory=list)

    def answered(self, status: str, rules: Iterable[str] = ()) -> None:
        self.statuses.append(status)
        self.rules += rules

    def placed(self, answered: Iterable[tuple[str, str, Sequence[str]]]) -> None:
        self.places += [(status, region, *items) for status, region, items in answered]

    def flagged(self, rules: Iterable[str]) -> None:
        self.irregular += rules

    def unverified(self, trouble: str) -> None:
        self.troubles.append(trouble)

    def finding(self, rule: str, outcome: str) -> None:
        self.outcomes.append((rule, outcome))

    def breach(self, step: str) -> None:
        self.steps[step] += 1

    def conflicts(self, count: int) -> None:
        self.second_contents += count

    def gap(
        self,
        name: str,
        start: datetime,
        end: datetime,
        *,
        authority: str,
        items: Sequence[str] | None = None,
    ) -> None:
        self.acted.append((authority, *(items or ())))
        self.gaps.append((name, (end - start).total_seconds()))


@dataclass
class Door:
    """The door with fakes behind it."""

    publisher: FakePublisher = field(default_factory=FakePublisher)
    books: FakeDecisions = field(default_factory=FakeDecisions)
    people: FakePeople = field(default_factory=FakePeople)
    credit: FakeCredit = field(default_factory=FakeCredit)
    catalogues: FakeCatalogues = field(default_factory=FakeCatalogues)
    measurements: FakeMeasurements = field(default_factory=FakeMeasurements)

    def __post_init__(self) -> None:
        self.recent = RecentDecisions(self.books)

    async def accept(
        self, *rows: Row, emitter: Emitter = EMITTER, at: datetime = NOW
    ) -> list[Answer]:
        """Send rows to it."""
        return await accept_decisions(
            AcceptDecisions(rows=rows, emitter=emitter, at=at),
            catalogues=self.catalogues,
            decisions=self.recent,
            credit=Credit(desk=self.credit, copies=self.credit),
            people=self.people,
            yardstick=YARDSTICK,
            publisher=self.publisher,
            measurements=self.measurements,
        )

    @property
    def events(self) -> list[DecisionEvent]:
        """What it published, in order."""
        return [e for _, e in self.publisher.published if isinstance(e, DecisionEvent)]

"""The clocks of one collection in memory, with the same rules as those in MongoDB."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import Clock
from linkage_contracts.deadlines import DeadlineRef
from linkage_contracts.ids import stable_id
from linkage_runtime.errors import TransientError
from supervision_push.application.chase_overdue import chase_overdue
from supervision_push.application.clock_ports import Chased, Clocks, Moved, Subject
from supervision_push.application.escalation_ports import EscalationBook, EscalationStep
from supervision_push.application.ports import Letter
from supervision_push.domain.clocks import RunningClock, next_firing
from supervision_push.domain.escalation import Escalation
from supervision_push.domain.terms import Schedule, start_clock
from tests.unit.push_builders import BUREAU, MARKET, NOON, PARTY, a_catalogue, a_schedule
from tests.unit.push_fakes import FakeCatalogues, FakePublisher

PUSH = stable_id("push", "1")


def a_running(clock: Clock = Clock.RECEIPT, started_at: datetime = NOON) -> RunningClock:
    """A clock by the default terms."""
    return start_clock(clock, started_at=started_at, schedule=a_schedule())


def a_subject(key: str, *clocks: RunningClock) -> Subject:
    """A push to the county's market regulator."""
    return Subject(
        key=key,
        about=DeadlineRef(decision_id=stable_id("decision", key), push_id=key),
        organisation=MARKET,
        counterpart=BUREAU,
        party=PARTY,
        clocks=clocks,
        revision=0,
    )


@dataclass
class FakeClocks:
    """See ``Clocks`` and ``ClockBook``; forgets to mark, or to publish, as often as it is told."""

    subjects: dict[str, Subject]
    publisher: FakePublisher = field(default_factory=FakePublisher)
    deaths: int = 0
    marked: list[str] = field(default_factory=list)
    held: dict[str, list[Letter]] = field(default_factory=dict)

    @classmethod
    def of(cls, *subjects: Subject, publisher: FakePublisher | None = None) -> Self:
        """These subjects."""
        kept = {one.key: one for one in subjects}
        return cls(kept, publisher or FakePublisher())

    def clock(self, key: str, which: Clock = Clock.RECEIPT) -> RunningClock:
        """One clock as it stands."""
        return next(one for one in self.subjects[key].clocks if one.clock is which)

    async def due(self, at: datetime, limit: int) -> list[Subject]:
        """See the port."""
        firing = [(next_firing(one.clocks), one) for one in self.subjects.values()]
        due = sorted((when, one.key) for when, one in firing if when is not None and when <= at)
        return [self.subjects[key] for _, key in due[:limit]]

    async def mark(self, chased: Sequence[Chased]) -> None:
        """See the port."""
        if self.deaths:
            self.deaths -= 1
            raise TransientError("died before the mark")
        for one in chased:
            known = self.subjects[one.subject.key]
            if known.revision == one.subject.revision:
                self._put(replace(known, clocks=one.clocks))
                self.marked.append(known.key)
            else:
                pairs = zip(known.clocks, one.clocks, strict=True)
                self._put(replace(known, clocks=tuple(_told(*pair) for pair in pairs)))

    async def find(self, keys: Iterable[str]) -> dict[str, Subject]:
        """See the port."""
        return {key: self.subjects[key] for key in keys if key in self.subjects}

    async def standing_still(self, at: datetime, limit: int) -> list[Subject]:
        """See the port."""
        over = [one for one in self.subjects.values() if any(_is_over(c, at) for c in one.clocks)]
        return over[:limit]

    async def awaiting(self, years: Collection[int], limit: int) -> list[Subject]:
        """See the port."""
        waiting = [
            one
            for one in self.subjects.values()
            if any(clock.runs and clock.awaits_year in years for clock in one.clocks)
        ]
        return waiting[:limit]

    async def save(self, moved: Sequence[Moved]) -> int:
        """See the port."""
        saved = 0
        for one in moved:
            known = self.subjects[one.subject.key]
            if known.revision == one.subject.revision:
                self._put(replace(known, clocks=one.clocks))
                self.held.setdefault(known.key, []).extend(one.letters)
                saved += 1
        return saved

    async def flush(self, keys: Sequence[str]) -> None:
        """See the port."""
        for key in keys:
            for topic, event in self.held.get(key, []):
                await self.publisher.publish(topic, [event])
            self.held.pop(key, None)

    async def sweep(self) -> None:
        """What ``Outbox.sweep`` does."""
        await self.flush(list(self.held))

    def _put(self, subject: Subject) -> None:
        self.subjects[subject.key] = replace(subject, revision=subject.revision + 1)


def _told(known: RunningClock, told: RunningClock) -> RunningClock:
    same = known.due_on == told.due_on
    return replace(known, level=max(known.level, told.level)) if same else known


def _is_over(clock: RunningClock, at: datetime) -> bool:
    pause = clock.pause if clock.stopped_at is None else None
    return pause is not None and pause.resumes_at is not None and pause.resumes_at <= at


@dataclass
class FakeEscalations:
    """See ``EscalationBook``; ``before_save`` is somebody else who is faster, once."""

    publisher: FakePublisher = field(default_factory=FakePublisher)
    stored: dict[str, Escalation] = field(default_factory=dict)
    held: dict[str, list[Letter]] = field(default_factory=dict)
    before_save: Callable[[], Awaitable[object]] | None = None

    async def open(self, escalations: Sequence[Escalation]) -> None:
        """See the port."""
        for one in escalations:
            self.stored.setdefault(one.escalation_id, one)

    async def find(self, escalation_ids: Iterable[str]) -> dict[str, Escalation]:
        """See the port."""
        return {key: self.stored[key] for key in escalation_ids if key in self.stored}

    async def unanswered(self, at: datetime, limit: int) -> list[Escalation]:
        """See the port."""
        open_ = [one for one in self.stored.values() if one.answer is None and one.raise_at <= at]
        return open_[:limit]

    async def save(self, steps: Sequence[EscalationStep]) -> int:
        """See the port."""
        if faster := self.before_save:
            self.before_save = None
            await faster()
        saved = 0
        for step in steps:
            key = step.before.escalation_id
            if self.stored[key] == step.before:
                self.stored[key] = step.after
                self.held.setdefault(key, []).extend(step.letters)
                saved += 1
        return saved

    async def flush(self, escalation_ids: Sequence[str]) -> None:
        """See the port."""
        for key in escalation_ids:
            for topic, event in self.held.get(key, []):
                await self.publisher.publish(topic, [event])
            self.held.pop(key, None)


async def chase(
    clocks: Clocks,
    publisher: FakePublisher,
    at: datetime,
    *,
    escalations: EscalationBook | None = None,
    catalogue: Catalogue | None = None,
    schedule: Schedule | None = None,
) -> None:
    """One round of the timekeeper."""
    await chase_overdue(
        at,
        500,
        clocks=clocks,
        escalations=escalations or FakeEscalations(),
        catalogues=FakeCatalogues(catalogue or a_catalogue()),
        publisher=publisher,
        schedule=schedule or a_schedule(),
    )

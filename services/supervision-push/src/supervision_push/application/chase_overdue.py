"""Chase what is due: warn before the breach (预警), press after it (催办), escalate (督办).

The same for pushes, which supervisors owe, and for results and findings, which bureaus owe. First
told, then marked: whoever repeats it tells the same ids again, so that each level is told once in
effect.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.envelope import Event
from linkage_contracts.feeds import EscalatedEntry, OverdueEntry, WarnedEntry
from linkage_contracts.ids import entry_id, stable_id
from linkage_contracts.progress import (
    Deadline,
    DeadlineEscalated,
    DeadlineOverdue,
    DeadlineWarned,
)
from linkage_contracts.topics import FEEDS, PROGRESS
from supervision_push.application.announcements import SYSTEM, source, type_of
from supervision_push.application.ports import Catalogues, Letter, Publisher
from supervision_push.application.publish import publish_letters
from supervision_push.domain.clocks import Level, RunningClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A push, a result or a finding whose clocks run."""

    key: str
    """Its id in its collection."""
    decision_id: str | None
    organisation: str
    """Who owes."""
    counterpart: str | None
    """The other side, which is told when it is overdue."""
    party: str
    next_at: datetime
    clocks: tuple[RunningClock, ...]
    push_id: str | None = None
    result_id: str | None = None
    finding_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chased:
    """A subject and its clocks after everything due was told."""

    subject: Subject
    clocks: tuple[RunningClock, ...]


class Clocks(Protocol):
    """The clocks of one collection."""

    async def due(self, at: datetime, limit: int) -> list[Subject]:
        """Those that have something to tell, earliest first."""

    async def mark(self, chased: Sequence[Chased]) -> None:
        """Remember what was told, of those that nobody moved meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How many subjects were looked at, and what was told."""

    subjects: int
    levels: Mapping[Level, int]


_PROGRESS: Mapping[Level, type[DeadlineWarned | DeadlineOverdue | DeadlineEscalated]] = {
    Level.WARNED: DeadlineWarned,
    Level.OVERDUE: DeadlineOverdue,
    Level.ESCALATED: DeadlineEscalated,
}
_ENTRY: Mapping[Level, type[WarnedEntry | OverdueEntry | EscalatedEntry]] = {
    Level.WARNED: WarnedEntry,
    Level.OVERDUE: OverdueEntry,
    Level.ESCALATED: EscalatedEntry,
}


async def chase_overdue(
    at: datetime, limit: int, *, clocks: Clocks, catalogues: Catalogues, publisher: Publisher
) -> Told:
    """Tell everything that is due at ``at``, of at most ``limit`` subjects."""
    subjects = await clocks.due(at, limit)
    if not subjects:
        return Told(subjects=0, levels={})
    catalogue = await catalogues.in_force()
    rung = [
        (subject, clock, level)
        for subject in subjects
        for clock in subject.clocks
        for level in clock.due_levels(at)
    ]
    letters = [letter for one in rung for letter in _letters(*one, catalogue, at)]
    await publish_letters(letters, publisher=publisher)
    await clocks.mark(
        [
            Chased(subject=subject, clocks=tuple(clock.told(at) for clock in subject.clocks))
            for subject in subjects
        ]
    )
    return Told(subjects=len(subjects), levels=Counter(level for _, _, level in rung))


def _letters(
    subject: Subject, clock: RunningClock, level: Level, catalogue: Catalogue, at: datetime
) -> Iterator[Letter]:
    known = catalogue.authority_by_id.get(subject.organisation)
    superiors = [one.id for one in catalogue.overseers(known.region if known else "")]
    escalates = level is Level.ESCALATED
    deadline = Deadline(
        decision_id=subject.decision_id,
        push_id=subject.push_id,
        result_id=subject.result_id,
        finding_id=subject.finding_id,
        organisation=subject.organisation,
        clock=clock.clock,
        due_on=clock.due_on,
        level=int(level),
        escalated_to=superiors[0] if escalates and superiors else None,
    )
    told: dict[str, Any] = {
        "id": stable_id(
            "deadline", subject.key, clock.clock, str(int(level)), clock.due_on.isoformat()
        ),
        "source": source(subject.organisation),
        "subject": subject.decision_id or subject.key,
        "time": clock.moment_of(level),
        "recordedtime": at,
        "partitionkey": subject.party,
        "emitter": SYSTEM,
        "data": deadline,
    }
    yield PROGRESS, _PROGRESS[level](**told)
    for recipient in dict.fromkeys(_told_of(subject, level, superiors)):
        yield FEEDS, _entry(told, _ENTRY[level], recipient, subject.party)


def _told_of(subject: Subject, level: Level, superiors: Sequence[str]) -> Iterator[str]:
    yield subject.organisation
    if level is Level.OVERDUE and subject.counterpart is not None:
        yield subject.counterpart
    if level is Level.ESCALATED:
        yield from superiors


def _entry(told: Mapping[str, object], type_: type[Event], recipient: str, party: str) -> Event:
    fields = {
        **told,
        "id": entry_id(recipient, type_of(type_), str(told["id"])),
        "partitionkey": recipient,
        "party": party,
    }
    return type_.model_validate(fields)

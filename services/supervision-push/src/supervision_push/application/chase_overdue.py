"""Chase what is due: warn before the breach (预警), press after it (催办), escalate (督办).

The same for pushes, which supervisors owe, and for results, supplements, findings and breaches,
which bureaus owe. First an escalation is opened, then it is told, then marked: whoever repeats it
tells the same ids again, so that each level is told once in effect.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.deadlines import Deadline
from linkage_contracts.ids import stable_id
from supervision_push.application.clock_ports import Chased, Clocks, Subject
from supervision_push.application.deadlines_told import Telling, deadline_told
from supervision_push.application.escalation_ports import EscalationBook
from supervision_push.application.ports import Catalogues, Letter, Publisher
from supervision_push.application.publish import publish_letters
from supervision_push.domain.clocks import Level, RunningClock
from supervision_push.domain.escalation import Escalation, superiors
from supervision_push.domain.terms import Schedule, answer_due


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How many subjects were looked at, and what was told."""

    subjects: int
    levels: Mapping[Level, int]


async def chase_overdue(
    at: datetime,
    limit: int,
    *,
    clocks: Clocks,
    escalations: EscalationBook,
    catalogues: Catalogues,
    publisher: Publisher,
    schedule: Schedule,
) -> Told:
    """Tell everything that is due at ``at``, of at most ``limit`` subjects."""
    subjects = await clocks.due(at, limit)
    if not subjects:
        return Told(subjects=0, levels={})
    catalogue = await catalogues.in_force()
    rung = [
        _ring(subject, clock, level, catalogue)
        for subject in subjects
        for clock in subject.clocks
        for level in clock.due_levels(at)
    ]
    await escalations.open([_escalation(one, at, schedule) for one in rung if one.escalates])
    letters = [letter for one in rung for letter in _letters(one, at)]
    await publish_letters(letters, publisher=publisher)
    await clocks.mark(
        [
            Chased(subject=subject, clocks=tuple(clock.told(at) for clock in subject.clocks))
            for subject in subjects
        ]
    )
    return Told(subjects=len(subjects), levels=Counter(one.level for one in rung))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rung:
    """One level of one clock, to be told."""

    id: str
    subject: Subject
    clock: RunningClock
    level: Level
    superiors: tuple[str, ...]

    @property
    def escalates(self) -> bool:
        return self.level >= Level.ESCALATED


def _ring(subject: Subject, clock: RunningClock, level: Level, catalogue: Catalogue) -> _Rung:
    level_, due_on = str(int(level)), clock.due_on.isoformat()
    return _Rung(
        id=stable_id("deadline", subject.key, clock.clock, level_, due_on),
        subject=subject,
        clock=clock,
        level=level,
        superiors=superiors(catalogue, subject.organisation, level),
    )


def _escalation(rung: _Rung, at: datetime, schedule: Schedule) -> Escalation:
    subject = rung.subject
    return Escalation(
        escalation_id=rung.id,
        organisation=subject.organisation,
        superiors=rung.superiors,
        party=subject.party,
        clock=rung.clock.clock,
        due_on=rung.clock.due_on,
        level=rung.level,
        raised_at=at,
        raise_at=answer_due(at, schedule),
        about=subject.about,
    )


def _letters(rung: _Rung, at: datetime) -> Iterator[Letter]:
    subject, escalates = rung.subject, rung.escalates
    deadline = Deadline(
        **dict(subject.about),
        organisation=subject.organisation,
        clock=rung.clock.clock,
        due_on=rung.clock.due_on,
        level=int(rung.level),
        escalated_to=rung.superiors[0] if escalates and rung.superiors else None,
        escalation_id=rung.id if escalates else None,
    )
    occurred = rung.clock.moment_of(rung.level)
    about = Telling(id=rung.id, party=subject.party, occurred=occurred, at=at)
    return deadline_told(deadline, rung.level, _told_of(rung), about)


def _told_of(rung: _Rung) -> Iterator[str]:
    yield rung.subject.organisation
    if rung.level is Level.OVERDUE and rung.subject.counterpart is not None:
        yield rung.subject.counterpart
    if rung.escalates:
        yield from rung.superiors

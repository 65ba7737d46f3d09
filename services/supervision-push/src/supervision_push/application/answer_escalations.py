"""Answer escalations (督办答复), and raise again those that nobody answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from linkage_contracts.deadlines import Deadline, EscalationAnswer, EscalationAnswered
from linkage_contracts.feeds import EscalationAnsweredEntry
from linkage_contracts.ids import entry_id, stable_id
from linkage_contracts.topics import FEEDS, PROGRESS
from supervision_push.application.act_on_pushes import Actor, Outcome, Refusal, Refused
from supervision_push.application.announcements import source, type_of
from supervision_push.application.deadlines_told import Telling, deadline_told
from supervision_push.application.escalation_ports import EscalationBook, EscalationStep
from supervision_push.application.ports import Letter
from supervision_push.domain.escalation import Answer, Escalation
from supervision_push.domain.push import OutOfOrderError
from supervision_push.domain.terms import Schedule, answer_due

_UNKNOWN = "没有此督办 (no such escalation)"
_FOREIGN = "只能答复对本单位的督办 (only who owes it answers an escalation)"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerEscalation:
    """A clerk explains what is late."""

    escalation_id: str
    by: str
    explanation: str
    measures: str


async def answer_escalation(
    command: AnswerEscalation, *, actor: Actor, escalations: EscalationBook
) -> Outcome:
    """Record the answer and tell those to whom it was escalated; a second one changes nothing."""
    key = command.escalation_id
    answer = Answer(
        at=actor.at,
        by=command.by,
        explanation=command.explanation,
        measures=command.measures,
    )
    while True:
        before = (await escalations.find([key])).get(key)
        if before is None:
            return _refused(key, Refusal.UNKNOWN, _UNKNOWN)
        if before.organisation != actor.organisation:
            return _refused(key, Refusal.FOREIGN, _FOREIGN)
        try:
            after = before.answered(answer)
        except OutOfOrderError as error:
            return _refused(key, Refusal.OUT_OF_ORDER, str(error))
        letters = tuple(_answered(after, answer, actor))
        step = EscalationStep(before=before, after=after, letters=letters)
        if after is before or await escalations.save([step]):
            await escalations.flush([key])
            return Outcome(done=(key,))


async def raise_unanswered(
    at: datetime, limit: int, *, escalations: EscalationBook, schedule: Schedule
) -> int:
    """Raise again what nobody answered in time.

    Returns:
        How many were found; as many as ``limit`` means that there may be more.
    """
    found = await escalations.unanswered(at, limit)
    next_at = answer_due(at, schedule)
    steps = []
    for before in found:
        after = before.raised_again(next_at)
        letters = tuple(_raised_again(after, before.raise_at, at))
        steps.append(EscalationStep(before=before, after=after, letters=letters))
    # Whoever answered in between has the last word, and nothing is told.
    await escalations.save(steps)
    await escalations.flush([one.escalation_id for one in found])
    return len(found)


def _refused(key: str, why: Refusal, detail: str) -> Outcome:
    return Outcome(refused=(Refused(id=key, why=why, detail=detail),))


def _answered(escalation: Escalation, answer: Answer, actor: Actor) -> Iterator[Letter]:
    told: dict[str, Any] = {
        "id": stable_id("escalation-answered", escalation.escalation_id),
        "source": source(escalation.organisation),
        "subject": escalation.about.decision_id or escalation.escalation_id,
        "time": answer.at,
        "recordedtime": actor.at,
        "partitionkey": escalation.party,
        "emitter": actor.organisation,
        "data": EscalationAnswer(
            **dict(escalation.about),
            escalation_id=escalation.escalation_id,
            organisation=escalation.organisation,
            clock=escalation.clock,
            due_on=escalation.due_on,
            by=answer.by,
            explanation=answer.explanation,
            measures=answer.measures,
        ),
    }
    yield PROGRESS, EscalationAnswered(**told)
    for superior in escalation.superiors:
        on_feed = {
            "id": entry_id(superior, type_of(EscalationAnsweredEntry), told["id"]),
            "partitionkey": superior,
            "party": escalation.party,
        }
        yield FEEDS, EscalationAnsweredEntry(**(told | on_feed))


def _raised_again(escalation: Escalation, occurred: datetime, at: datetime) -> Iterator[Letter]:
    number = escalation.times - 1
    deadline = Deadline(
        **dict(escalation.about),
        organisation=escalation.organisation,
        clock=escalation.clock,
        due_on=escalation.due_on,
        level=int(escalation.level),
        escalated_to=next(iter(escalation.superiors), None),
        escalation_id=escalation.escalation_id,
        reminder=number,
    )
    about = Telling(
        id=stable_id("reminder", escalation.escalation_id, str(number)),
        party=escalation.party,
        occurred=occurred,
        at=at,
    )
    recipients = (escalation.organisation, *escalation.superiors)
    return deadline_told(deadline, escalation.level, recipients, about)

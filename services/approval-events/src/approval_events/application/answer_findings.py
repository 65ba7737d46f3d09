"""Answer findings (纠错反馈): the bureau corrected what was wrong, or says why it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from approval_events.application.acts import Actor, Acts, admit_acts
from approval_events.application.finding_events import (
    about,
    breach_of,
    envelope,
    measure_outcomes,
)
from approval_events.application.finding_ports import FindingAdmission, FindingStore
from approval_events.application.ports import Measurements
from approval_events.domain.finding import Answer, Finding
from approval_events.domain.refusals import NotYoursError
from linkage_contracts.actions import FindingAnswer, FindingAnswered
from linkage_contracts.ids import stable_id


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLine:
    """The answer to one finding."""

    finding_id: str
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFindings:
    """Answers of one request; of two to one finding the last is meant."""

    answers: Sequence[AnswerLine]
    actor: Actor
    at: datetime


async def answer_findings(
    command: AnswerFindings, *, findings: FindingStore, measurements: Measurements
) -> Acts:
    """Answer each of the actor's findings that waits for it; the same again is done already."""
    answers = {line.finding_id: line.answer for line in command.answers}

    def propose(finding: Finding) -> FindingAdmission | None:
        _refuse_foreign(finding, command.actor)
        answer = answers[finding.finding_id]
        is_new = finding.check_answerable(answer)
        return _admission(finding, answer, command) if is_new else None

    acts, acted = await admit_acts(list(answers), propose, store=findings)
    measure_outcomes("answered", acted, measurements)
    return acts


def _refuse_foreign(finding: Finding, actor: Actor) -> None:
    if breach_of(finding).authority not in actor.organisations:
        raise NotYoursError(
            finding.finding_id, "不是本机关的预警", "it is about another authority's decision"
        )


def _admission(finding: Finding, answer: Answer, command: AnswerFindings) -> FindingAdmission:
    event_id = stable_id("finding-answered", finding.finding_id, str(finding.round))
    ref = about(finding)
    return FindingAdmission(
        subject_id=finding.finding_id,
        event=FindingAnswered(
            **envelope(
                finding, event_id, (ref["authority"], command.actor.organisation), command.at
            ),
            data=FindingAnswer(
                **ref,
                round=finding.round,
                by=answer.by,
                kind=answer.kind,
                note=answer.note,
                act_document_number=answer.act_document_number,
            ),
        ),
    )

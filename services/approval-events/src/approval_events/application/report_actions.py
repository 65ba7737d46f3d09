"""Report actions (处置反馈): what the bureau did about results, each with one report or more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from approval_events.application.acts import Actor, Acts, admit_acts
from approval_events.application.breach_ports import Breaches
from approval_events.application.ports import Measurements
from approval_events.application.result_acts import measure_gap, owned
from approval_events.application.result_events import about, envelope
from approval_events.application.result_ports import Admission, IncomingResults
from approval_events.domain.breach import Breach
from approval_events.domain.result_acts import IncomingResult
from linkage_contracts.actions import ActionReported, Report
from linkage_contracts.codes import ActionOutcome
from linkage_contracts.ids import breach_id, stable_id

RESULT_TO_ACTED = "result_to_acted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """What was done about one result."""

    result_id: str
    outcome: ActionOutcome
    note: str
    act_document_number: str | None = None

    @property
    def event_id(self) -> str:
        """The same report again is the same event."""
        number = self.act_document_number or ""
        return stable_id("action-reported", self.result_id, self.outcome, self.note, number)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportActions:
    """Reports of one clerk."""

    reports: Sequence[ReportLine]
    by: str
    actor: Actor
    at: datetime


async def report_actions(
    command: ReportActions,
    *,
    results: IncomingResults,
    breaches: Breaches,
    measurements: Measurements,
) -> Acts:
    """Report on each result that was received; the same report again is done already.

    Who confirms a breach says that it was found: that takes a hearing, here as step by step.
    """
    outcome = Acts()
    raised = [breach_id(line.result_id) for line in command.reports if _confirms(line)]
    known = await breaches.find(raised) if raised else {}
    for lines in _rounds(command.reports):

        def propose(
            result: IncomingResult, lines: dict[str, ReportLine] = lines
        ) -> Admission | None:
            line = lines[result.result_id]
            if not owned(result, command.actor).check_reportable(line.event_id):
                return None
            if _confirms(line):
                id_ = breach_id(line.result_id)
                known.get(id_, Breach(breach_id=id_, facts={})).check_confirmable(line.result_id)
            return _admission(result, line, command)

        acts, acted = await admit_acts(list(lines), propose, store=results)
        first = [result for result in acted if not result.reported]
        measure_gap(RESULT_TO_ACTED, first, command.at, measurements)
        outcome.done += [id_ for id_ in acts.done if id_ not in outcome.done]
        outcome.refused += acts.refused
    return outcome


def _confirms(line: ReportLine) -> bool:
    return line.outcome is ActionOutcome.BREACH_CONFIRMED


def _rounds(reports: Sequence[ReportLine]) -> list[dict[str, ReportLine]]:
    """Nearly always one round; a second report on a result of the same request needs another."""
    rounds: list[dict[str, ReportLine]] = []
    for line in reports:
        free = next((lines for lines in rounds if line.result_id not in lines), None)
        if free is None:
            rounds.append(free := {})
        free[line.result_id] = line
    return rounds


def _admission(result: IncomingResult, line: ReportLine, command: ReportActions) -> Admission:
    report = Report(
        **about(result, command.by),
        outcome=line.outcome,
        note=line.note,
        act_document_number=line.act_document_number,
    )
    return Admission(
        subject_id=result.result_id,
        step="reported",
        content={"by": command.by, "outcome": str(line.outcome)},
        event=ActionReported(
            **envelope(result, line.event_id, command.actor.organisation, command.at), data=report
        ),
    )

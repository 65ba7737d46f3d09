"""Let a clock run on every finding (预警纠错) until its bureau answers, or it is closed."""

from collections.abc import Iterator, Sequence

from linkage_contracts.actions import FindingAnswered, FindingClosed, FindingSentBack
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.envelope import Event
from linkage_contracts.ids import finding_id
from supervision_push.application.asked import Answered, Asked, Closed, RoundClocks, Step
from supervision_push.domain.terms import Schedule, answer_clock


async def watch_findings(
    events: Sequence[Event], *, findings: RoundClocks, schedule: Schedule
) -> None:
    """Start and stop the clocks that these decisions and acts are about; mostly there are none."""
    # Of two contents under one id the first stands; the ledger of linkages tells of the conflict.
    firsts = {event.id: event for event in reversed(events)}
    steps = [step for event in reversed(firsts.values()) for step in _steps(event, schedule)]
    if steps:
        await findings.note(steps)


def _steps(event: Event, schedule: Schedule) -> Iterator[Step]:
    match event:
        case DecisionEvent(data=decision):
            for found in decision.irregularities:
                yield Asked(
                    subject_id=finding_id(event.id, found.rule),
                    round=0,
                    decision_id=decision.decision_id,
                    authority=decision.authority.id,
                    party=event.partitionkey,
                    clock=answer_clock(event.recordedtime, schedule),
                )
        case FindingSentBack(data=act):
            yield Asked(
                subject_id=act.finding_id,
                round=act.round + 1,
                decision_id=act.decision_id,
                authority=act.authority,
                party=event.partitionkey,
                clock=answer_clock(event.time, schedule),
            )
        case FindingAnswered(data=act):
            yield Answered(subject_id=act.finding_id, round=act.round, at=event.time)
        case FindingClosed(data=act):
            yield Closed(subject_id=act.finding_id, at=event.time)

"""Let a clock run on every breach (违诺) until its bureau takes the next step."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from linkage_contracts.actions import ActionReported, ResultReturned
from linkage_contracts.breaches import (
    BreachDismissed,
    BreachFound,
    BreachHeard,
    BreachMended,
    BreachSanctioned,
    BreachWarned,
)
from linkage_contracts.codes import ActionOutcome, Clock
from linkage_contracts.envelope import Event
from linkage_contracts.ids import breach_id
from linkage_contracts.results import CommitmentBroken
from supervision_push.application.asked import Answered, Asked, Closed, RoundClocks, Step
from supervision_push.domain.clocks import RunningClock
from supervision_push.domain.terms import Schedule, start_clock

_ROUNDS = (Clock.BREACH_HEARING, Clock.BREACH_FINDING, Clock.BREACH_MENDING)


async def watch_breaches(
    events: Sequence[Event], *, breaches: RoundClocks, schedule: Schedule
) -> None:
    """Start and stop the clocks that these results and acts are about; mostly there are none."""
    steps = [step for event in events for step in _steps(event, schedule)]
    if steps:
        await breaches.note(steps)


def _steps(event: Event, schedule: Schedule) -> Iterator[Step]:
    match event:
        case CommitmentBroken(data=result) if result.decision_id and result.authority:
            yield Asked(
                subject_id=breach_id(result.result_id),
                round=0,
                decision_id=result.decision_id,
                authority=result.authority,
                counterpart=result.supervisor.id,
                party=event.partitionkey,
                clock=start_clock(
                    Clock.BREACH_HEARING, started_at=event.recordedtime, schedule=schedule
                ),
            )
        case BreachHeard(data=step):
            yield from _done(step.breach_id, event.time, upto=Clock.BREACH_HEARING)
            yield _asked(event, schedule)
        case BreachFound(data=step):
            yield from _done(step.breach_id, event.time, upto=Clock.BREACH_FINDING)
        case BreachWarned():
            yield _asked(event, schedule)
        case BreachDismissed(data=step) | BreachMended(data=step) | BreachSanctioned(data=step):
            yield Closed(subject_id=step.breach_id, at=event.time)
        case ActionReported(data=report) if report.outcome is ActionOutcome.BREACH_CONFIRMED:
            id_ = breach_id(report.result_id)
            yield from _done(id_, event.time, upto=Clock.BREACH_FINDING)
        case ActionReported(data=report) if report.outcome is ActionOutcome.BREACH_NOT_CONFIRMED:
            yield Closed(subject_id=breach_id(report.result_id), at=event.time)
        case ResultReturned(data=back) if back.result_type == _RAISES:
            yield Closed(subject_id=breach_id(back.result_id), at=event.time)


_RAISES = str(CommitmentBroken.model_fields["type"].default)


def _done(breach: str, at: datetime, upto: Clock) -> Iterator[Answered]:
    """Whoever found the breach needs no hearing any more: a report may say so without one."""
    for number in range(_ROUNDS.index(upto) + 1):
        yield Answered(subject_id=breach, round=number, at=at)


def _asked(event: BreachHeard | BreachWarned, schedule: Schedule) -> Asked:
    step, clock = event.data, clock_after(event, schedule)
    return Asked(
        subject_id=step.breach_id,
        round=_ROUNDS.index(clock.clock),
        decision_id=step.decision_id,
        authority=step.authority,
        counterpart=step.supervisor,
        party=event.partitionkey,
        clock=clock,
    )


def clock_after(event: BreachHeard | BreachWarned, schedule: Schedule) -> RunningClock:
    """By when the bureau takes the step after this one: a term, or the day that it gave."""
    if isinstance(event, BreachHeard):
        return start_clock(Clock.BREACH_FINDING, started_at=event.time, schedule=schedule)
    return start_clock(
        Clock.BREACH_MENDING,
        started_at=event.time,
        schedule=schedule,
        due_on=event.data.mend_by,
    )

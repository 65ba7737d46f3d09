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
from linkage_contracts.credit_acts import ChangingEvent, is_change
from linkage_contracts.envelope import Event
from linkage_contracts.ids import breach_id
from linkage_contracts.repairs import RepairRevoked
from linkage_contracts.results import CommitmentBroken
from supervision_push.application.asked import Answered, Asked, Closed, RoundClocks, Step
from supervision_push.domain.clocks import RunningClock
from supervision_push.domain.terms import Schedule, start_clock

_ROUNDS = (
    Clock.BREACH_HEARING,
    Clock.BREACH_FINDING,
    Clock.BREACH_HANDLING,
    Clock.BREACH_MENDING,
)
Asking = BreachHeard | BreachFound | BreachWarned | ActionReported
"""What makes the bureau owe a further step; a report does if it confirms the breach."""
_BREACHES = frozenset({"breach_found", "breach_confirmed"})
"""The kinds of credit fact that a breach is."""


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
            yield _asked(event, schedule)
        case BreachWarned(data=step):
            yield from _done(step.breach_id, event.time, upto=Clock.BREACH_HANDLING)
            yield _asked(event, schedule)
        case BreachSanctioned(data=step):
            yield Closed(subject_id=step.breach_id, at=event.time, referred_to=step.referred_to)
        case BreachDismissed(data=step) | BreachMended(data=step):
            yield Closed(subject_id=step.breach_id, at=event.time)
        case _ if isinstance(event, ActionReported | ResultReturned):
            yield from _reported(event, schedule)
        case _ if isinstance(event, ChangingEvent):
            yield from _ended_in_credit(event)


def _reported(event: ActionReported | ResultReturned, schedule: Schedule) -> Iterator[Step]:
    """What an act on the result says of its breach."""
    id_ = breach_id(event.data.result_id)
    if isinstance(event, ResultReturned):
        if event.data.result_type == _RAISES:
            yield Closed(subject_id=id_, at=event.time)
    elif event.data.outcome is ActionOutcome.BREACH_CONFIRMED:
        yield from _done(id_, event.time, upto=Clock.BREACH_FINDING)
        yield _asked(event, schedule)
    elif event.data.outcome is ActionOutcome.BREACH_NOT_CONFIRMED:
        yield Closed(subject_id=id_, at=event.time)


def _ended_in_credit(event: ChangingEvent) -> Iterator[Closed]:
    """Repaired, or overturned: the bureau owes no further step. A revoked repair owes none anew."""
    if isinstance(event, RepairRevoked) or not is_change(event):
        return
    for source in event.data.about:
        if source.kind in _BREACHES and source.result_id is not None:
            yield Closed(subject_id=breach_id(source.result_id), at=event.time)


_RAISES = str(CommitmentBroken.model_fields["type"].default)


def _done(breach: str, at: datetime, upto: Clock) -> Iterator[Answered]:
    """Whoever found the breach needs no hearing any more: a report may say so without one."""
    for number in range(_ROUNDS.index(upto) + 1):
        yield Answered(subject_id=breach, round=number, at=at)


def _asked(event: Asking, schedule: Schedule) -> Asked:
    step, clock = event.data, clock_after(event, schedule)
    return Asked(
        subject_id=breach_id(step.result_id),
        round=_ROUNDS.index(clock.clock),
        decision_id=step.decision_id,
        authority=step.authority,
        counterpart=step.supervisor,
        party=event.partitionkey,
        clock=clock,
    )


def clock_after(event: Asking, schedule: Schedule) -> RunningClock:
    """By when the bureau takes the step after this one: a term, or the day that it gave."""
    if isinstance(event, BreachWarned):
        return start_clock(
            Clock.BREACH_MENDING,
            started_at=event.time,
            schedule=schedule,
            due_on=event.data.mend_by,
        )
    clock = Clock.BREACH_FINDING if isinstance(event, BreachHeard) else Clock.BREACH_HANDLING
    return start_clock(clock, started_at=event.time, schedule=schedule)

"""Let a clock run on every case (信用待办) until its authority has decided it."""

from collections.abc import Iterator, Sequence

from linkage_contracts.codes import Clock
from linkage_contracts.credit_acts import CaseEvent, filed_id
from linkage_contracts.envelope import Event
from linkage_contracts.ids import case_id
from linkage_contracts.objections import ObjectionRaised
from linkage_contracts.repairs import RepairApplied, RepairRevoked
from supervision_push.application.asked import Asked, Closed, RoundClocks, Step
from supervision_push.domain.clocks import RunningClock
from supervision_push.domain.terms import Schedule, start_clock

_CLOCKS = {
    RepairApplied: Clock.REPAIR_DECISION,
    ObjectionRaised: Clock.OBJECTION_ANSWER,
}


async def watch_cases(events: Sequence[Event], *, cases: RoundClocks, schedule: Schedule) -> None:
    """Start and stop the clocks that these acts are about."""
    steps = [
        step for event in events if isinstance(event, CaseEvent) for step in _steps(event, schedule)
    ]
    if steps:
        await cases.note(steps)


def cases_in(event: CaseEvent) -> dict[str, str]:
    """The case that an act is about with each authority; none of an act of before."""
    filed = filed_id(event)
    authorities = event.data.authorities if filed else ()
    return {authority: case_id(str(filed), authority) for authority in authorities}


def clock_of(event: CaseEvent, schedule: Schedule) -> RunningClock | None:
    """By when what was filed is to be decided; other acts let no clock run."""
    if not isinstance(event, RepairApplied | ObjectionRaised):
        return None
    return start_clock(_CLOCKS[type(event)], started_at=event.time, schedule=schedule)


def _steps(event: CaseEvent, schedule: Schedule) -> Iterator[Step]:
    clock = clock_of(event, schedule)
    for authority, case in cases_in(event).items():
        if clock is not None and isinstance(event, RepairApplied | ObjectionRaised):
            window = event.data.by
            yield Asked(
                subject_id=case,
                round=0,
                decision_id=None,
                authority=authority,
                counterpart=window if window != authority else None,
                party=event.partitionkey,
                clock=clock,
            )
        elif not isinstance(event, RepairRevoked):
            yield Closed(subject_id=case, at=event.time)

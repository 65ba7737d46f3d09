"""How a push begins: what it is about, what it owes, and the clocks that run from then on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from linkage_contracts.codes import Clock, Duty, ReceiptPolicy
from linkage_contracts.decisions import Decision, DecisionEvent
from linkage_contracts.ids import push_id
from linkage_runtime.working_days import WorkCalendar
from supervision_push.domain.clocks import (
    RunningClock,
    Terms,
    commitment_due_on,
    start_clock,
    start_of,
)
from supervision_push.domain.push import Push


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """To whom, for what, since when, and where it came from."""

    recipient: str
    owes: tuple[Duty, ...]
    policy: ReceiptPolicy
    at: datetime
    round: int = 0
    rerouted_from: str | None = None
    resolves: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """By what the clocks of a push are set."""

    terms: Terms
    calendar: WorkCalendar


def begin_push(event: DecisionEvent, opening: Opening, schedule: Schedule) -> Push:
    """A push of one decision event to one authority."""
    decision = event.data
    return Push(
        push_id=push_id(event.id, opening.recipient, opening.round),
        decision_id=decision.decision_id,
        event_id=event.id,
        decision_type=event.type,
        effective_on=decision.effective_on,
        authority=decision.authority.id,
        recipient=opening.recipient,
        party=event.partitionkey,
        round=opening.round,
        items=decision.items,
        owes=opening.owes,
        policy=opening.policy,
        accepted_at=decision.accepted_at,
        opened_at=opening.at,
        clocks=tuple(_clocks(decision, opening, schedule)),
        rerouted_from=opening.rerouted_from,
        resolves=opening.resolves,
    )


def answer_clock(started_at: datetime, schedule: Schedule) -> RunningClock:
    """By when a bureau answers a finding (预警) that was told, or whose answer was sent back."""
    return start_clock(
        Clock.FINDING_ANSWER,
        started_at=started_at,
        terms=schedule.terms,
        calendar=schedule.calendar,
    )


def _clocks(decision: Decision, opening: Opening, schedule: Schedule) -> Iterator[RunningClock]:
    terms, calendar = schedule.terms, schedule.calendar
    for duty in opening.owes:
        match duty:
            case Duty.NOTICE:
                continue
            case Duty.RECEIPT | Duty.ENROLMENT | Duty.INSPECTION:
                deemed = opening.policy is ReceiptPolicy.EXPLICIT_THEN_DEEMED
                yield start_clock(
                    Clock(duty),
                    started_at=opening.at,
                    terms=terms,
                    calendar=calendar,
                    lapses=deemed and duty is Duty.RECEIPT,
                )
            case Duty.COMMITMENT_CHECK:
                verify_by = decision.commitment.verify_by if decision.commitment else None
                yield start_clock(
                    Clock.COMMITMENT_CHECK,
                    started_at=start_of(decision.decided_on),
                    terms=terms,
                    calendar=calendar,
                    due_on=commitment_due_on(decision.decided_on, verify_by, terms),
                )

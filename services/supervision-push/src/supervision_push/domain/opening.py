"""How a push begins: what it is about, what it owes, and the clocks that run from then on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from linkage_contracts.codes import Clock, Duty, ReceiptPolicy
from linkage_contracts.decisions import Decision, DecisionEvent
from linkage_contracts.ids import push_id
from supervision_push.domain.clocks import RunningClock
from supervision_push.domain.push import Push
from supervision_push.domain.terms import Schedule, commitment_due_on, start_clock, start_of


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


def begin_push(event: DecisionEvent, opening: Opening, schedule: Schedule) -> Push:
    """A push of one decision event to one authority."""
    decision = event.data
    return Push(
        push_id=push_id(event.id, opening.recipient, opening.round, opening.resolves),
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
        traceparent=event.traceparent,
    )


def _clocks(decision: Decision, opening: Opening, schedule: Schedule) -> Iterator[RunningClock]:
    for duty in opening.owes:
        match duty:
            case Duty.NOTICE:
                continue
            case Duty.RECEIPT | Duty.ENROLMENT | Duty.INSPECTION:
                deemed = opening.policy is ReceiptPolicy.EXPLICIT_THEN_DEEMED
                yield start_clock(
                    Clock(duty),
                    started_at=opening.at,
                    schedule=schedule,
                    lapses=deemed and duty is Duty.RECEIPT,
                )
            case Duty.COMMITMENT_CHECK:
                verify_by = decision.commitment.verify_by if decision.commitment else None
                yield start_clock(
                    Clock.COMMITMENT_CHECK,
                    started_at=start_of(decision.decided_on),
                    schedule=schedule,
                    due_on=commitment_due_on(decision.decided_on, verify_by, schedule.terms),
                )

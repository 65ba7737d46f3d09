"""From events to facts: which kinds of fact an event of the log is, and of whom."""

from collections.abc import Mapping
from datetime import date

from credit.domain.act_facts import of_act, overdue_fact
from credit.domain.facts import Fact, FactKind, Sanction, fact_id
from linkage_contracts.actions import ActionReported, ResultRef, ResultReturned
from linkage_contracts.breaches import BreachDismissed, BreachFound, BreachStep
from linkage_contracts.codes import (
    ActionOutcome,
    DecisionKind,
    InspectionOutcome,
    RectificationOutcome,
)
from linkage_contracts.decisions import Decision, DecisionEvent
from linkage_contracts.envelope import Event
from linkage_contracts.identity import is_uscc
from linkage_contracts.ids import overdue_id
from linkage_contracts.results import (
    CommitmentBroken,
    InspectionRecorded,
    PenaltyImposed,
    RectificationEnded,
    Result,
)
from linkage_contracts.tolerances import Expiry, ToleranceExpired, ToleranceSupplemented
from linkage_runtime.clock import day_of

KIND_OF_DECISION: Mapping[DecisionKind, FactKind] = {
    DecisionKind.GRANTED: FactKind.LICENCE_GRANTED,
    DecisionKind.REFUSED: FactKind.LICENCE_REFUSED,
    DecisionKind.AMENDED: FactKind.LICENCE_AMENDED,
    DecisionKind.RENEWED: FactKind.LICENCE_RENEWED,
    DecisionKind.WITHDRAWN: FactKind.LICENCE_WITHDRAWN,
    DecisionKind.ANNULLED: FactKind.LICENCE_ANNULLED,
    DecisionKind.DEREGISTERED: FactKind.LICENCE_DEREGISTERED,
}
KIND_OF_INSPECTION: Mapping[InspectionOutcome, FactKind] = {
    InspectionOutcome.CONFORMS: FactKind.INSPECTION_CONFORMS,
    InspectionOutcome.MOSTLY_CONFORMS: FactKind.INSPECTION_MOSTLY_CONFORMS,
    InspectionOutcome.FAILS: FactKind.INSPECTION_FAILS,
}
KIND_OF_RECTIFICATION: Mapping[RectificationOutcome, FactKind] = {
    RectificationOutcome.QUALIFIED: FactKind.RECTIFICATION_QUALIFIED,
    RectificationOutcome.CONTINUE: FactKind.RECTIFICATION_CONTINUED,
    RectificationOutcome.ENFORCE: FactKind.RECTIFICATION_ENFORCED,
}
_VERDICTS: Mapping[ActionOutcome, FactKind] = {
    ActionOutcome.BREACH_CONFIRMED: FactKind.BREACH_CONFIRMED,
    ActionOutcome.BREACH_NOT_CONFIRMED: FactKind.BREACH_CLEARED,
}
_RAISES = str(CommitmentBroken.model_fields["type"].default)
# An amendment repeats the commitment of the licence that it changes; only these two make one.
_COMMITTING = frozenset({DecisionKind.GRANTED, DecisionKind.RENEWED})


def facts_of(event: Event) -> tuple[Fact, ...]:
    """The facts that an event tells; none for a natural person, or for an event that is no fact."""
    match event:
        case DecisionEvent(data=decision):
            return _of_decision(event, decision)
        case ToleranceExpired() | ToleranceSupplemented():
            return _of_tolerance(event)
        case _:
            return _of_verdict(event) or _of_result(event) or of_act(event)


def _of_verdict(event: Event) -> tuple[Fact, ...]:
    match event:
        case ActionReported(data=report) if report.outcome in _VERDICTS:
            kind, on = _VERDICTS[report.outcome], day_of(event.time)
            return _ruled(event, report, kind, on, report.act_document_number)
        case ResultReturned(data=back) if back.result_type == _RAISES:
            # Raised again where it belongs, it is another result: of this nothing is suspected.
            return _ruled(event, back, FactKind.BREACH_CLEARED, day_of(event.time), None)
        case BreachFound(data=step):
            return _ruled(event, step, FactKind.BREACH_CONFIRMED, step.on, step.document_number)
        case BreachDismissed(data=step):
            return _ruled(event, step, FactKind.BREACH_CLEARED, step.on, step.document_number)
        case _:
            return ()


def _of_tolerance(event: ToleranceExpired | ToleranceSupplemented) -> tuple[Fact, ...]:
    """An overdue supplement; or that it had been in time, which takes back what a clock said."""
    data, party = event.data, event.partitionkey
    if not is_uscc(party):
        return ()

    if isinstance(data, Expiry):
        told = overdue_id(party, data.decision_id, data.due_on)
        return (overdue_fact(told, party, data, data.authority),)
    if not data.clears:
        return ()
    days = (overdue_id(party, data.decision_id, day) for day in data.clears)
    fact = Fact(
        fact_id=fact_id(event.id, FactKind.FACT_WITHDRAWN),
        party=party,
        kind=FactKind.FACT_WITHDRAWN,
        occurred_on=data.on,
        occurred_at=event.time,
        authority=data.authority,
        event_id=event.id,
        decision_id=data.decision_id,
        targets=tuple(fact_id(id_, FactKind.SUPPLEMENT_OVERDUE) for id_ in days),
    )
    return (fact,)


def _of_decision(event: Event, decision: Decision) -> tuple[Fact, ...]:
    if not decision.party.is_rated:
        return ()
    kinds = [KIND_OF_DECISION[decision.kind]]
    if decision.commitment is not None and decision.kind in _COMMITTING:
        kinds.append(FactKind.COMMITMENT_MADE)
    return tuple(
        Fact(
            fact_id=fact_id(event.id, kind),
            party=decision.party.key,
            party_name=decision.party.name,
            party_kind=decision.party.kind,
            items=tuple(item.code for item in decision.items),
            kind=kind,
            occurred_on=decision.effective_on,
            occurred_at=event.time,
            authority=decision.authority.id,
            event_id=event.id,
            decision_id=decision.decision_id,
            document_number=decision.document_number,
        )
        for kind in kinds
    )


def _of_result(event: Event) -> tuple[Fact, ...]:
    match event:
        case InspectionRecorded(data=inspection):
            return _found(event, inspection, KIND_OF_INSPECTION[inspection.outcome])
        case PenaltyImposed(data=penalty):
            sanction = Sanction(kinds=penalty.kinds, fine=penalty.fine)
            return _found(event, penalty, FactKind.PENALTY_IMPOSED, sanction)
        case RectificationEnded(data=end):
            return _found(event, end, KIND_OF_RECTIFICATION[end.outcome])
        case CommitmentBroken(data=breach):
            return _found(event, breach, FactKind.BREACH_FOUND)
        case _:
            return ()


def _found(
    event: Event, result: Result, kind: FactKind, sanction: Sanction | None = None
) -> tuple[Fact, ...]:
    if not result.party.is_rated:
        return ()
    fact = Fact(
        fact_id=fact_id(event.id, kind),
        party=result.party.key,
        party_name=result.party.name,
        party_kind=result.party.kind,
        kind=kind,
        occurred_on=result.found_on,
        occurred_at=event.time,
        authority=result.supervisor.id,
        event_id=event.id,
        decision_id=result.decision_id,
        result_id=result.result_id,
        document_number=result.document_number,
        sanction=sanction,
        told=(result.authority,) if result.decision_id and result.authority else (),
    )
    return (fact,)


def _ruled(
    event: Event, about: ResultRef | BreachStep, kind: FactKind, on: date, document: str | None
) -> tuple[Fact, ...]:
    # It names no party, but its key does; a natural person's key is a hash, never a code.
    if not is_uscc(event.partitionkey):
        return ()
    fact = Fact(
        fact_id=fact_id(event.id, kind),
        party=event.partitionkey,
        kind=kind,
        occurred_on=on,
        occurred_at=event.time,
        authority=about.authority,
        event_id=event.id,
        decision_id=about.decision_id,
        result_id=about.result_id,
        document_number=document,
        told=(about.supervisor,),
    )
    return (fact,)

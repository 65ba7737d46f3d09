"""From acts on credit facts to facts: each act is one, and says what it acts upon."""

from datetime import date
from decimal import Decimal
from typing import Any

from credit.domain.facts import Fact, FactKind, ListEntry, Sanction, fact_id
from linkage_contracts.credit_acts import (
    Correction,
    FactCorrected,
    FactsRepaired,
    FactWithdrawn,
    ListEntered,
    ObjectionDecided,
    ObjectionRaised,
    PartyDelisted,
    PartyListed,
    SupplementOverdue,
)
from linkage_contracts.envelope import Event


def of_act(event: Event) -> tuple[Fact, ...]:
    """The fact that an act is; an application for repair, or its refusal, changes nothing."""
    match event:
        case FactsRepaired(data=repair):
            by, on = repair.decided_by, repair.decided_on
            return (_fact(event, FactKind.FACTS_REPAIRED, by, on, targets=repair.facts),)
        case SupplementOverdue(data=late):
            kind, on = FactKind.SUPPLEMENT_OVERDUE, late.due_on
            return (_fact(event, kind, late.by, on, decision_id=late.decision_id),)
        case PartyListed(data=listed):
            more = {"entry": _entry(listed), "document_number": listed.document_number}
            return (_fact(event, FactKind.LISTED, listed.by, listed.on, **more),)
        case FactWithdrawn() | FactCorrected() | ObjectionRaised() | ObjectionDecided():
            return (_amending(event),)
        case PartyDelisted(data=left):
            return (_fact(event, FactKind.DELISTED, left.by, left.on, targets=(left.fact,)),)
        case _:
            return ()


def _amending(
    event: FactWithdrawn | FactCorrected | ObjectionRaised | ObjectionDecided,
) -> Fact:
    """An act that puts one fact in question, or right."""
    more: dict[str, Any] = {"targets": (event.data.fact,)}
    if isinstance(event, FactWithdrawn):
        kind = FactKind.FACT_WITHDRAWN
    elif isinstance(event, FactCorrected):
        kind = FactKind.FACT_CORRECTED
        more |= {"corrected_on": event.data.occurred_on, "sanction": _sanction(event.data)}
    else:
        kind = FactKind.OBJECTION_RAISED
        more |= {"result_id": event.data.objection_id}
        if isinstance(event, ObjectionDecided):
            upheld = event.data.is_upheld
            kind = FactKind.OBJECTION_UPHELD if upheld else FactKind.OBJECTION_REJECTED
    return _fact(event, kind, event.data.by, event.data.on, **more)


def _fact(event: Event, kind: FactKind, by: str, on: date, **more: Any) -> Fact:  # noqa: ANN401 -- fields of Fact
    return Fact(
        fact_id=fact_id(event.id, kind),
        party=event.partitionkey,
        kind=kind,
        occurred_on=on,
        occurred_at=event.time,
        authority=by,
        event_id=event.id,
        **more,
    )


def _sanction(act: Correction) -> Sanction | None:
    return Sanction(kinds=act.kinds, fine=act.fine or Decimal(0)) if act.kinds else None


def _entry(act: ListEntered) -> ListEntry:
    return ListEntry(
        list_code=act.list_code,
        title=act.title,
        until=act.until,
        exit_from=act.exit_from,
        is_adverse=act.is_adverse,
        suspended_by_objection=act.suspended_by_objection,
    )

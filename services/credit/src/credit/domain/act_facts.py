"""From acts on credit facts to facts: each act is one, and says what it acts upon."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from credit.domain.facts import Fact, FactKind, ListEntry, Sanction, fact_id
from linkage_contracts.credit_acts import (
    ListEntered,
    OverdueSupplement,
    PartyDelisted,
    PartyListed,
    SupplementOverdue,
)
from linkage_contracts.envelope import Event
from linkage_contracts.facts import Correction, FactCorrected, FactWithdrawn
from linkage_contracts.objections import ObjectionDecided, ObjectionRaised, ObjectionWithdrawn
from linkage_contracts.repairs import FactsRepaired, RepairRevoked
from linkage_contracts.tolerances import Expiry
from linkage_runtime.clock import SHANGHAI


def of_act(event: Event) -> tuple[Fact, ...]:
    """The fact that an act is; an application for repair, or its refusal, changes nothing."""
    match event:
        case FactsRepaired() | RepairRevoked():
            fact = _repairing(event)
        case SupplementOverdue(data=late):
            authority = late.authority or late.by
            fact = overdue_fact(event.id, event.partitionkey, late, authority)
        case PartyListed(data=listed):
            more = {"entry": _entry(listed), "document_number": listed.document_number}
            fact = _fact(event, FactKind.LISTED, listed.by, listed.on, **more)
        case FactWithdrawn() | FactCorrected():
            fact = _amending(event)
        case ObjectionRaised() | ObjectionDecided() | ObjectionWithdrawn():
            fact = _disputing(event)
        case PartyDelisted(data=left):
            fact = _fact(event, FactKind.DELISTED, left.by, left.on, targets=(left.fact,))
        case _:
            return ()
    return (fact,)


def overdue_fact(
    overdue: str, party: str, about: OverdueSupplement | Expiry, authority: str
) -> Fact:
    """容缺逾期: the same fact whoever tells it first, the bureau or the clock of the tolerance.

    Its event is named by the decision and the day (``overdue_id``), for two events may be it.
    """
    return Fact(
        fact_id=fact_id(overdue, FactKind.SUPPLEMENT_OVERDUE),
        party=party,
        kind=FactKind.SUPPLEMENT_OVERDUE,
        occurred_on=about.due_on,
        occurred_at=datetime.combine(about.due_on, time(), tzinfo=SHANGHAI),
        authority=authority,
        event_id=overdue,
        decision_id=about.decision_id,
    )


def _repairing(event: FactsRepaired | RepairRevoked) -> Fact:
    """A repair, or what takes one back: that acts upon the repair, not upon its facts."""
    if isinstance(event, FactsRepaired):
        repair = event.data
        by, on = repair.decided_by, repair.decided_on
        return _fact(event, FactKind.FACTS_REPAIRED, by, on, targets=repair.facts)
    targets = (fact_id(event.data.repair_id, FactKind.FACTS_REPAIRED),)
    return _fact(event, FactKind.REPAIR_REVOKED, event.data.by, event.data.on, targets=targets)


def _amending(event: FactWithdrawn | FactCorrected) -> Fact:
    """An act that puts one fact right."""
    more: dict[str, Any] = {"targets": (event.data.fact,)}
    kind = FactKind.FACT_WITHDRAWN
    if isinstance(event, FactCorrected):
        kind = FactKind.FACT_CORRECTED
        more |= {"corrected_on": event.data.occurred_on, "sanction": _sanction(event.data)}
    return _fact(event, kind, event.data.by, event.data.on, **more)


def _disputing(event: ObjectionRaised | ObjectionDecided | ObjectionWithdrawn) -> Fact:
    """An act that puts one fact in question, or settles that; ``result_id`` names the objection."""
    if isinstance(event, ObjectionDecided):
        upheld = event.data.is_upheld
        kind = FactKind.OBJECTION_UPHELD if upheld else FactKind.OBJECTION_REJECTED
    elif isinstance(event, ObjectionWithdrawn):
        kind = FactKind.OBJECTION_WITHDRAWN
    else:
        kind = FactKind.OBJECTION_RAISED
    more = {"targets": (event.data.fact,), "result_id": event.data.objection_id}
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

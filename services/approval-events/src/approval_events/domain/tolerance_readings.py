"""What events say about what was accepted with materials missing (容缺)."""

from collections.abc import Iterator, Mapping

from approval_events.domain.facts import Fact, FactKind
from approval_events.domain.reading import Reading, fact_of, reading_of
from linkage_contracts import tolerances
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.envelope import Event

_REF = ("supplement_id", "decision_event_id")
TOLERANCE_READINGS: Mapping[type[Event], Reading] = {
    tolerances.ToleranceExpired: reading_of(FactKind.TOLERANCE_EXPIRED, None, *_REF, "due_on"),
    tolerances.ToleranceSupplemented: reading_of(
        FactKind.TOLERANCE_SUPPLEMENTED,
        None,
        *_REF,
        "by",
        "on",
        "document_number",
        "note",
        "clears",
    ),
    tolerances.ToleranceTerminated: reading_of(
        FactKind.TOLERANCE_TERMINATED,
        None,
        *(*_REF, "by", "on", "document_number", "ground", "note"),
    ),
}


def tolerated(event: DecisionEvent) -> Iterator[Fact]:
    """What a version of a decision still lacks."""
    decision, tolerance = event.data, event.data.tolerance
    if event.supplement_id is None or tolerance is None:
        return
    by = tolerance.supplement_by
    detail = {
        "supplement_id": event.supplement_id,
        "decision_event_id": event.id,
        "document_number": decision.document_number,
        "missing": list(tolerance.missing),
        "due_on": by.isoformat() if by else None,
        "items": [item.code for item in decision.items],
        "party": decision.party.key,
        "party_name": decision.party.name,
    }
    fact = fact_of(event, FactKind.TOLERATED, event.id, decision.accepted_at, detail)
    if fact is not None:
        yield fact

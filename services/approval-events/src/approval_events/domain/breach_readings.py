"""What events say about breaches of commitments (违诺)."""

from collections.abc import Iterator, Mapping

from approval_events.domain.facts import Fact, FactKind
from approval_events.domain.reading import Reading, data_of, fact_of, reading_of
from linkage_contracts import breaches
from linkage_contracts.actions import ActionReported, ResultReturned
from linkage_contracts.codes import ActionOutcome
from linkage_contracts.credit_acts import ChangingEvent, is_change
from linkage_contracts.envelope import Event
from linkage_contracts.facts import FactWithdrawn
from linkage_contracts.ids import breach_id, stable_id
from linkage_contracts.objections import ObjectionDecided
from linkage_contracts.repairs import FactsRepaired, RepairRevoked
from linkage_contracts.results import CommitmentBroken
from linkage_runtime.clock import day_of

_STEP = (
    *("breach_id", "result_id", "supervisor", "by", "on", "document_number", "ground", "note"),
)
BREACH_READINGS: Mapping[type[Event], Reading] = {
    breaches.BreachNotified: reading_of(FactKind.BREACH_NOTIFIED, None, *_STEP, "hear_by"),
    breaches.BreachHeard: reading_of(FactKind.BREACH_HEARD, None, *_STEP, "statement", "silent"),
    breaches.BreachFound: reading_of(FactKind.BREACH_FOUND, None, *_STEP),
    breaches.BreachDismissed: reading_of(FactKind.BREACH_DISMISSED, None, *_STEP),
    breaches.BreachWarned: reading_of(FactKind.BREACH_WARNED, None, *_STEP, "mend_by"),
    breaches.BreachMended: reading_of(FactKind.BREACH_MENDED, None, *_STEP),
    breaches.BreachSanctioned: reading_of(
        FactKind.BREACH_SANCTIONED, None, *_STEP, "kind", "decision_event_id", "referred_to"
    ),
}
"""The steps, each under its own id."""
_VERDICTS = {
    ActionOutcome.BREACH_CONFIRMED: FactKind.BREACH_FOUND,
    ActionOutcome.BREACH_NOT_CONFIRMED: FactKind.BREACH_DISMISSED,
}
_RAISES = str(CommitmentBroken.model_fields["type"].default)


def breach_facts(event: Event) -> Iterator[Fact]:
    """What an event about a result says besides about its breach."""
    match event:
        case CommitmentBroken(data=result) if result.authority is not None:
            detail = {
                "supervisor": result.supervisor.id,
                "found_on": result.found_on.isoformat(),
                "document_number": result.document_number,
                "promise": result.promise,
                "party_name": result.party.name,
            }
            yield from _fact(event, FactKind.BREACH_SUSPECTED, detail)
        case ActionReported(data=report) if report.outcome in _VERDICTS:
            detail = {
                "supervisor": report.supervisor,
                "by": report.by,
                "on": day_of(event.time).isoformat(),
                "note": report.note,
                "document_number": report.act_document_number,
            }
            yield from _fact(event, _VERDICTS[report.outcome], detail)
        case ResultReturned(data=back) if back.result_type == _RAISES:
            detail = {"supervisor": back.supervisor, "by": back.by, "reason": back.reason}
            yield from _fact(event, FactKind.BREACH_RETURNED, detail)


def _fact(event: Event, kind: FactKind, detail: Mapping[str, str | None]) -> Iterator[Fact]:
    id_ = data_of(event).result_id
    about = {"breach_id": breach_id(id_), "result_id": id_, "party": event.partitionkey}
    is_result = isinstance(event, CommitmentBroken)
    # A result is dated by its day: its place in the story is when we were told.
    at = event.recordedtime if is_result else event.time
    fact = fact_of(event, kind, event.id, at, {**about, **detail})
    if fact is not None:
        yield fact


_CHANGES = {
    FactsRepaired: FactKind.BREACH_REPAIRED,
    RepairRevoked: FactKind.BREACH_RESTORED,
    ObjectionDecided: FactKind.BREACH_OVERTURNED,
    FactWithdrawn: FactKind.BREACH_OVERTURNED,
}
_AT_ISSUE = frozenset({"breach_found", "breach_confirmed"})
"""The kinds of credit fact that are a breach: suspected, and found by its bureau."""


def changed_breaches(event: Event) -> Iterator[Fact]:
    """What an act on credit facts says of the breaches that are among them."""
    if not isinstance(event, ChangingEvent) or not is_change(event):
        return
    for source in event.data.about:
        if source.kind in _AT_ISSUE and source.result_id and source.decision_id:
            yield _changed(event, source.result_id, source.decision_id)


def _changed(event: ChangingEvent, result_id: str, decision_id: str) -> Fact:
    id_ = breach_id(result_id)
    detail = {
        "type": event.type,
        "breach_id": id_,
        "result_id": result_id,
        "organisation": _decider(event),
        "reason": event.data.ground,
    }
    if isinstance(event, RepairRevoked):
        detail["repair_id"] = event.data.repair_id
    return Fact(
        linkage=decision_id,
        kind=_CHANGES[type(event)],
        # One act may be on several breaches of one decision.
        key=stable_id("breach change", event.id, id_),
        at=event.time,
        id=event.id,
        detail=detail,
        authority=None,
    )


def _decider(event: ChangingEvent) -> str:
    return event.data.decided_by if isinstance(event, FactsRepaired) else event.data.by

"""What each event says about a linkage."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, cast

from approval_events.domain.breach_readings import BREACH_READINGS, breach_facts
from approval_events.domain.facts import Fact, FactKind
from approval_events.domain.reading import Reading, data_of, fact_of, reading_of
from approval_events.domain.tolerance_readings import TOLERANCE_READINGS, tolerated
from linkage_contracts import actions, deadlines, progress
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.envelope import Event
from linkage_contracts.ids import finding_id

if TYPE_CHECKING:
    from linkage_contracts.results import Result


def facts_of(events: Iterable[Event]) -> Iterator[Fact]:
    """What these events say about linkages; an event about no decision says nothing here."""
    for event in events:
        reading = _READINGS.get(type(event)) or (
            _decided if isinstance(event, DecisionEvent) else _found
        )
        fact = reading(event)
        if fact is not None:
            yield fact
        if isinstance(event, DecisionEvent):
            yield from _raised(event)
            yield from tolerated(event)
        yield from breach_facts(event)


def _decided(event: Event) -> Fact | None:
    data = cast("DecisionEvent", event).data
    party = data.party
    detail = {
        "kind": str(data.kind),
        "document_number": data.document_number,
        "document_title": data.document_title,
        "decided_on": data.decided_on.isoformat(),
        "effective_on": data.effective_on.isoformat(),
        "act_document_number": data.act.document_number if data.act else None,
        "emitter": event.emitter,
        "region": data.region,
        "items": [item.code for item in data.items],
        "commitment": data.commitment.model_dump(mode="json", exclude_none=True)
        if data.commitment
        else None,
        "irregular": [str(irregularity.rule) for irregularity in data.irregularities],
        "party": {
            "key": party.key,
            "kind": str(party.kind),
            "name": party.name,
            "code": party.code,
        },
    }
    # Decisions and results are dated by the day: their place in the story is when we were told.
    return fact_of(event, FactKind.DECIDED, event.id, data.accepted_at, detail)


def _raised(event: DecisionEvent) -> Iterator[Fact]:
    """One finding for each rule of approval that this version breaks."""
    data = event.data
    for found in data.irregularities:
        id_ = finding_id(event.id, found.rule)
        detail = {
            "finding_id": id_,
            "decision_event_id": event.id,
            "document_number": data.act.document_number if data.act else data.document_number,
            "region": data.region,
            "party": data.party.key,
            "rule": str(found.rule),
            "breach": found.detail,
            "severity": str(found.severity) if found.severity else None,
            "ground": found.ground,
        }
        fact = fact_of(event, FactKind.FINDING_RAISED, id_, data.accepted_at, detail)
        if fact is not None:
            yield fact


def _found(event: Event) -> Fact | None:
    data = cast("Result", data_of(event))
    detail = {
        "supervisor": data.supervisor.id,
        "found_on": data.found_on.isoformat(),
        "document_number": data.document_number,
        "requests": str(data.request.action) if data.request else None,
    }
    return fact_of(event, FactKind.FOUND, data.result_id, event.recordedtime, detail)


_DEADLINE = (
    *("organisation", "clock", "due_on", "level", "escalated_to"),
    *("push_id", "result_id", "finding_id", "breach_id", "supplement_id", "reminder"),
)
_FINDING = ("finding_id", "decision_event_id", "rule")
_READINGS: dict[type[Event], Reading] = {
    progress.PushOpened: reading_of(
        FactKind.OPENED,
        "push_id",
        *("recipient", "decision_event_id", "round", "items", "owes", "resolves"),
    ),
    progress.PushDelivered: reading_of(FactKind.DELIVERED, "push_id", "recipient", "channel"),
    progress.PushReceived: reading_of(FactKind.RECEIVED, "push_id", "recipient", "by", "deemed"),
    progress.PushReturned: reading_of(
        FactKind.RETURNED, "push_id", "recipient", "by", "reason", "suggested", "pool_id"
    ),
    progress.PushRecalled: reading_of(FactKind.RECALLED, "push_id", "recipient", "reason"),
    progress.PartyEnrolled: reading_of(FactKind.ENROLLED, "push_id", "recipient", "by", "note"),
    progress.PushFedBack: reading_of(
        FactKind.FED_BACK, None, "push_id", "recipient", "by", "duty", "outcome", "note"
    ),
    progress.DecisionUnrouted: reading_of(
        FactKind.UNROUTED, "pool_id", "decision_event_id", "items", "reason"
    ),
    deadlines.DeadlineWarned: reading_of(FactKind.WARNED, None, *_DEADLINE),
    deadlines.DeadlineOverdue: reading_of(FactKind.OVERDUE, None, *_DEADLINE),
    deadlines.DeadlineEscalated: reading_of(FactKind.ESCALATED, None, *_DEADLINE),
    deadlines.DeadlineChanged: reading_of(
        FactKind.DEADLINE_CHANGED,
        None,
        *("organisation", "clock", "cause", "was_due_on", "due_on", "by", "reason", "ground"),
        *("actor", "push_id", "result_id", "finding_id", "breach_id", "supplement_id"),
    ),
    deadlines.EscalationAnswered: reading_of(
        FactKind.ESCALATION_ANSWERED,
        "escalation_id",
        *("organisation", "clock", "due_on", "by", "explanation", "measures"),
        *("push_id", "result_id", "finding_id", "breach_id", "supplement_id"),
    ),
    progress.ResultForwarded: reading_of(FactKind.FORWARDED, "result_id", "to"),
    progress.ReportForwarded: reading_of(FactKind.REPORT_FORWARDED, "result_id", "to"),
    actions.ResultReceived: reading_of(FactKind.RESULT_RECEIVED, "result_id", "by"),
    actions.ResultReturned: reading_of(FactKind.RESULT_RETURNED, "result_id", "by", "reason"),
    actions.ActionReported: reading_of(
        FactKind.REPORTED, None, "result_id", "by", "outcome", "note", "act_document_number"
    ),
    actions.ConflictFound: reading_of(
        FactKind.CONFLICT, None, "event_id", "document_number", "differences"
    ),
    actions.FindingAnswered: reading_of(
        FactKind.FINDING_ANSWERED,
        None,
        *(*_FINDING, "round", "by", "kind", "note", "act_document_number"),
    ),
    actions.FindingAccepted: reading_of(
        FactKind.FINDING_ACCEPTED, None, *_FINDING, "round", "overseer", "by", "note"
    ),
    actions.FindingSentBack: reading_of(
        FactKind.FINDING_SENT_BACK, None, *_FINDING, "round", "overseer", "by", "reason"
    ),
    actions.FindingClosed: reading_of(
        FactKind.FINDING_CLOSED, "finding_id", *_FINDING, "corrected_by", "act_document_number"
    ),
    **BREACH_READINGS,
    **TOLERANCE_READINGS,
}

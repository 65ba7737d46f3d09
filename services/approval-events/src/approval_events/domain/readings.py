"""What each event says about a linkage."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from approval_events.domain.facts import Fact, FactKind
from linkage_contracts import actions, deadlines, progress
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.envelope import Event
from linkage_contracts.ids import finding_id

if TYPE_CHECKING:
    from linkage_contracts.results import Result

Reading = Callable[[Event], Fact | None]


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


def _fact(
    event: Event, kind: FactKind, key: str, at: datetime, detail: Mapping[str, object]
) -> Fact | None:
    data = _data(event)
    if data.decision_id is None:
        return None
    authority = getattr(data, "authority", None)
    return Fact(
        linkage=data.decision_id,
        kind=kind,
        key=key,
        at=at,
        id=event.id,
        detail={
            "type": event.type,
            **{name: value for name, value in detail.items() if value is not None},
        },
        authority=authority if isinstance(authority, str) else getattr(authority, "id", None),
    )


def _data(event: Event) -> Any:  # noqa: ANN401 -- each type has its own
    return cast("Any", event).data


def _decided(event: Event) -> Fact | None:
    data = cast("DecisionEvent", event).data
    party = data.party
    detail = {
        "kind": str(data.kind),
        "document_number": data.document_number,
        "document_title": data.document_title,
        "effective_on": data.effective_on.isoformat(),
        "act_document_number": data.act.document_number if data.act else None,
        "emitter": event.emitter,
        "region": data.region,
        "items": [item.code for item in data.items],
        "irregular": [str(irregularity.rule) for irregularity in data.irregularities],
        "party": {
            "key": party.key,
            "kind": str(party.kind),
            "name": party.name,
            "code": party.code,
        },
    }
    # Decisions and results are dated by the day: their place in the story is when we were told.
    return _fact(event, FactKind.DECIDED, event.id, data.accepted_at, detail)


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
        fact = _fact(event, FactKind.FINDING_RAISED, id_, data.accepted_at, detail)
        if fact is not None:
            yield fact


def _found(event: Event) -> Fact | None:
    data = cast("Result", _data(event))
    detail = {
        "supervisor": data.supervisor.id,
        "found_on": data.found_on.isoformat(),
        "document_number": data.document_number,
        "requests": str(data.request.action) if data.request else None,
    }
    return _fact(event, FactKind.FOUND, data.result_id, event.recordedtime, detail)


def _reading(kind: FactKind, key: str | None, *fields: str) -> Reading:
    """Reads an event into the place that its data's ``key`` names, or else its own id."""

    def read(event: Event) -> Fact | None:
        data = _data(event)
        detail = {field: _plain(getattr(data, field)) for field in fields}
        return _fact(event, kind, getattr(data, key) if key else event.id, event.time, detail)

    return read


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [str(getattr(part, "code", part)) for part in value]
    if isinstance(value, bool | int | datetime) or value is None:
        return value
    return str(value)


_DEADLINE = (
    *("organisation", "clock", "due_on", "level", "escalated_to"),
    *("push_id", "result_id", "finding_id", "reminder"),
)
_FINDING = ("finding_id", "decision_event_id", "rule")
_READINGS: dict[type[Event], Reading] = {
    progress.PushOpened: _reading(
        FactKind.OPENED,
        "push_id",
        *("recipient", "decision_event_id", "round", "items", "owes", "resolves"),
    ),
    progress.PushDelivered: _reading(FactKind.DELIVERED, "push_id", "recipient", "channel"),
    progress.PushReceived: _reading(FactKind.RECEIVED, "push_id", "recipient", "by", "deemed"),
    progress.PushReturned: _reading(
        FactKind.RETURNED, "push_id", "recipient", "by", "reason", "suggested", "pool_id"
    ),
    progress.PushRecalled: _reading(FactKind.RECALLED, "push_id", "recipient", "reason"),
    progress.PartyEnrolled: _reading(FactKind.ENROLLED, "push_id", "recipient", "by", "note"),
    progress.PushFedBack: _reading(
        FactKind.FED_BACK, None, "push_id", "recipient", "by", "duty", "outcome", "note"
    ),
    progress.DecisionUnrouted: _reading(
        FactKind.UNROUTED, "pool_id", "decision_event_id", "items", "reason"
    ),
    deadlines.DeadlineWarned: _reading(FactKind.WARNED, None, *_DEADLINE),
    deadlines.DeadlineOverdue: _reading(FactKind.OVERDUE, None, *_DEADLINE),
    deadlines.DeadlineEscalated: _reading(FactKind.ESCALATED, None, *_DEADLINE),
    deadlines.DeadlineChanged: _reading(
        FactKind.DEADLINE_CHANGED,
        None,
        *("organisation", "clock", "cause", "was_due_on", "due_on", "by", "reason", "ground"),
        *("actor", "push_id", "result_id", "finding_id"),
    ),
    deadlines.EscalationAnswered: _reading(
        FactKind.ESCALATION_ANSWERED,
        "escalation_id",
        *("organisation", "clock", "due_on", "by", "explanation", "measures"),
        *("push_id", "result_id", "finding_id"),
    ),
    progress.ResultForwarded: _reading(FactKind.FORWARDED, "result_id", "to"),
    progress.ReportForwarded: _reading(FactKind.REPORT_FORWARDED, "result_id", "to"),
    actions.ResultReceived: _reading(FactKind.RESULT_RECEIVED, "result_id", "by"),
    actions.ResultReturned: _reading(FactKind.RESULT_RETURNED, "result_id", "by", "reason"),
    actions.ActionReported: _reading(
        FactKind.REPORTED, None, "result_id", "by", "outcome", "note", "act_document_number"
    ),
    actions.ConflictFound: _reading(
        FactKind.CONFLICT, None, "event_id", "document_number", "differences"
    ),
    actions.FindingAnswered: _reading(
        FactKind.FINDING_ANSWERED,
        None,
        *(*_FINDING, "round", "by", "kind", "note", "act_document_number"),
    ),
    actions.FindingAccepted: _reading(
        FactKind.FINDING_ACCEPTED, None, *_FINDING, "round", "overseer", "by", "note"
    ),
    actions.FindingSentBack: _reading(
        FactKind.FINDING_SENT_BACK, None, *_FINDING, "round", "overseer", "by", "reason"
    ),
    actions.FindingClosed: _reading(
        FactKind.FINDING_CLOSED, "finding_id", *_FINDING, "corrected_by", "act_document_number"
    ),
}

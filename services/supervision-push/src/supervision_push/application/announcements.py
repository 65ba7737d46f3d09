"""What is told of a push, of progress and on feeds. Ids come from the cause, never by chance."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from linkage_contracts.codes import RiskClass
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.envelope import Event, Value
from linkage_contracts.feeds import FeedEntry, IrregularEntry, PushOpenedEntry, PushRecalledEntry
from linkage_contracts.ids import entry_id, stable_id
from linkage_contracts.notices import IrregularityNotice, PushNotice
from linkage_contracts.progress import (
    DecisionUnrouted,
    Opened,
    PushOpened,
    PushRecalled,
    Recalled,
    Unrouted,
)
from linkage_contracts.topics import FEEDS, PROGRESS
from supervision_push.application.ports import Letter
from supervision_push.domain.clocks import RunningClock
from supervision_push.domain.entry import PushOutline
from supervision_push.domain.pool import PoolEntry
from supervision_push.domain.push import Push

Entry = TypeVar("Entry", bound=FeedEntry)

SYSTEM = "linkage"
"""The emitter of what no caller asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """By whose key, when this system says so, and the trace of what it is told for.

    What is told of a push goes on with that push's trace where there is no other cause.
    """

    emitter: str = SYSTEM
    at: datetime
    traceparent: str | None = None


def opened(
    push: Push, event: DecisionEvent, party_class: RiskClass | None, telling: Telling
) -> tuple[Letter, ...]:
    """The push exists: for the ledger of linkages, and on the recipient's feed."""
    # A second claim may resolve another pool entry by the same push: both must be told.
    cause = stable_id("opened", push.push_id, push.resolves or "")
    data = Opened(
        **ref(push), round=push.round, items=push.items, owes=push.owes, resolves=push.resolves
    )
    notice = PushNotice(
        push_id=push.push_id,
        decision_event_id=push.event_id,
        decision_type=push.decision_type,
        owes=push.owes,
        policy=push.policy,
        clocks=tuple(clock.notice for clock in push.clocks),
        rerouted_from=push.rerouted_from,
        party_class=party_class,
        decision=event.data,
    )
    told = envelope(push, cause, push.opened_at, push.authority, telling)
    return (
        (PROGRESS, PushOpened(**told, data=data)),
        (FEEDS, PushOpenedEntry(**_on_feed(told, push, PushOpenedEntry), data=notice)),
    )


def recalled(push: Push, telling: Telling) -> tuple[Letter, ...]:
    """Nothing is owed for the push any more."""
    if push.recalled is None:
        return ()
    cause = stable_id("recalled", push.push_id)
    # A push that was opened late is recalled the moment that it is opened.
    at = max(push.recalled.at, push.opened_at)
    told = envelope(push, cause, at, push.authority, telling)
    data = Recalled(**ref(push), reason=push.recalled.reason)
    return (
        (PROGRESS, PushRecalled(**told, data=data)),
        (FEEDS, PushRecalledEntry(**_on_feed(told, push, PushRecalledEntry), data=data)),
    )


def unrouted(entry: PoolEntry, telling: Telling) -> Letter:
    """A decision, or some of its items, waits in the pool."""
    event = DecisionUnrouted(
        id=stable_id("unrouted", entry.pool_id),
        source=source(entry.authority),
        subject=entry.decision_id,
        time=entry.entered_at,
        recordedtime=telling.at,
        partitionkey=entry.party,
        emitter=telling.emitter,
        traceparent=telling.traceparent,
        data=Unrouted(
            pool_id=entry.pool_id,
            decision_id=entry.decision_id,
            decision_event_id=entry.event_id,
            authority=entry.authority,
            items=entry.items,
            reason=entry.reason,
        ),
    )
    return (PROGRESS, event)


def irregular(
    event: DecisionEvent, recipient: str, clock: RunningClock, telling: Telling
) -> Letter:
    """A rule of approval was broken: to the bureau for correction, to oversight to watch."""
    decision = event.data
    entry = IrregularEntry(
        id=entry_id(recipient, type_of(IrregularEntry), event.id),
        source=source(decision.authority.id),
        subject=decision.decision_id,
        time=event.time,
        recordedtime=telling.at,
        partitionkey=recipient,
        emitter=telling.emitter,
        traceparent=telling.traceparent,
        party=event.partitionkey,
        data=IrregularityNotice(
            decision_id=decision.decision_id,
            authority=decision.authority.id,
            document_number=decision.document_number,
            irregularities=decision.irregularities,
            decision_event_id=event.id,
            clock=clock.notice,
        ),
    )
    return (FEEDS, entry)


def passed_on(
    entry_type: type[Entry], event: Event, recipient: str, data: Value, at: datetime
) -> Entry:
    """What another service told, on the feed of one who must know of it."""
    return entry_type.model_validate(
        {
            "id": entry_id(recipient, type_of(entry_type), event.id),
            "source": event.source,
            "subject": event.subject,
            "time": event.time,
            "recordedtime": at,
            "partitionkey": recipient,
            "emitter": SYSTEM,
            "traceparent": event.traceparent,
            "party": event.partitionkey,
            "data": data,
        }
    )


def ref(push: Push | PushOutline) -> dict[str, Any]:
    """Which push an event is about."""
    return {
        "push_id": push.push_id,
        "decision_id": push.decision_id,
        "decision_event_id": push.event_id,
        "authority": push.authority,
        "recipient": push.recipient,
    }


def envelope(
    push: Push | PushOutline, id_: str, at: datetime, authority: str, telling: Telling
) -> dict[str, Any]:
    """What every event of this service about a push has around its data."""
    return {
        "id": id_,
        "source": source(authority),
        "subject": push.decision_id,
        "time": at,
        "recordedtime": telling.at,
        "partitionkey": push.party,
        "emitter": telling.emitter,
        "traceparent": telling.traceparent or push.traceparent,
    }


def _on_feed(told: dict[str, Any], push: Push, type_: type[Event]) -> dict[str, Any]:
    return told | {
        "id": entry_id(push.recipient, type_of(type_), told["id"]),
        "partitionkey": push.recipient,
        "party": push.party,
    }


def type_of(event: type[Event]) -> str:
    """The one literal that this class of event has as its type."""
    return str(event.model_fields["type"].default)


def source(organisation: str) -> str:
    """The authority in whose name a fact stands."""
    return f"/organisations/{organisation}"

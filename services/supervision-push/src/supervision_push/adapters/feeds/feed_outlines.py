"""What of an entry is stored beside its bytes, so that nobody need read them again."""

from typing import Any

from linkage_contracts.feeds import FeedEntry, PushOpenedEntry, ResultForwardedEntry
from linkage_runtime.settlement import Record
from supervision_push.domain.entry import PushOutline, StoredEntry
from supervision_push.domain.push import moves_on_delivery


def stored_entry(event: FeedEntry, record: Record) -> StoredEntry:
    """The entry as it stood on Kafka, with what readers and filters ask for."""
    return StoredEntry(
        id=event.id,
        recipient=event.partitionkey,
        partition=record.partition,
        offset=record.offset,
        party=event.party,
        type=event.type,
        body=record.body or b"",
        **_told_by(event),
    )


def _told_by(event: FeedEntry) -> dict[str, Any]:
    if isinstance(event, PushOpenedEntry):
        decision = event.data.decision
        return {
            "push": _push_outline(event),
            "items": tuple(item.code for item in decision.items),
            "region": decision.region,
            "risk": event.data.party_class,
        }
    if isinstance(event, ResultForwardedEntry):
        return {"region": event.data.found.data.region}
    return {}


def _push_outline(event: PushOpenedEntry) -> PushOutline:
    notice, decision = event.data, event.data.decision
    return PushOutline(
        push_id=notice.push_id,
        decision_id=decision.decision_id,
        event_id=notice.decision_event_id,
        authority=decision.authority.id,
        recipient=event.partitionkey,
        party=event.party or decision.party.key,
        accepted_at=decision.accepted_at,
        moves=moves_on_delivery(notice.policy, notice.owes),
        traceparent=event.traceparent,
    )

"""What of an entry is stored beside its bytes, so that nobody need read them again."""

from typing import Any

from linkage_contracts.feeds import FeedEntry, PushOpenedEntry, ResultForwardedEntry
from linkage_runtime.settlement import Record
from supervision_push.domain.entry import StoredEntry


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
            "push_id": event.data.push_id,
            "items": tuple(item.code for item in decision.items),
            "region": decision.region,
            "risk": event.data.party_class,
        }
    if isinstance(event, ResultForwardedEntry):
        return {"region": event.data.found.data.region}
    return {}

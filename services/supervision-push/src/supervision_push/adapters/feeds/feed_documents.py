"""Feed entries as MongoDB keeps them."""

from collections.abc import Mapping
from typing import Any

from linkage_contracts.codes import RiskClass
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.entry import StoredEntry


def entry_document(entry: StoredEntry) -> dict[str, Any]:
    """What an entry does not tell is left out."""
    document = {
        "_id": entry.id,
        "recipient": entry.recipient,
        "partition": entry.partition,
        "offset": entry.offset,
        "party": entry.party,
        "type": entry.type,
        "body": entry.body,
    }
    told = {
        "push_id": entry.push_id,
        "items": list(entry.items),
        "region": entry.region,
        "risk": entry.risk and str(entry.risk),
        "stored_at": entry.stored_at,
    }
    return document | {key: value for key, value in told.items() if value}


def entry_in(document: Mapping[str, Any]) -> StoredEntry:
    """What ``entry_document`` wrote; the body may have been left aside."""
    risk = document.get("risk")
    return StoredEntry(
        id=document["_id"],
        recipient=document["recipient"],
        partition=document["partition"],
        offset=document["offset"],
        party=document["party"],
        type=document["type"],
        body=document.get("body", b""),
        push_id=document.get("push_id"),
        items=tuple(document.get("items", ())),
        region=document.get("region"),
        risk=RiskClass(risk) if risk else None,
        stored_at=document.get("stored_at"),
    )


def stretch(recipient: str, after: Cursor, upto: int) -> dict[str, Any]:
    """The query for one organisation's entries between two positions."""
    return {
        "recipient": recipient,
        "partition": after.partition,
        "offset": {"$gt": after.offset, "$lte": upto},
    }

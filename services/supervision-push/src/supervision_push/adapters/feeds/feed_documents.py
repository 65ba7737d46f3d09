"""Feed entries as MongoDB keeps them."""

from collections.abc import Mapping
from typing import Any

from linkage_contracts.codes import RiskClass
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.entry import PushOutline, StoredEntry

OUTLINED = ("push", "recipient", "party")
"""The fields that outline the push which an entry opens."""


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
        "push": entry.push and _outline_document(entry.push),
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
        push=push_outline_in(document),
        items=tuple(document.get("items", ())),
        region=document.get("region"),
        risk=RiskClass(risk) if risk else None,
        stored_at=document.get("stored_at"),
    )


def push_outline_in(document: Mapping[str, Any]) -> PushOutline | None:
    """The push that an entry opens, if it does; of the document ``OUTLINED`` is enough."""
    push = document.get("push")
    if push is None:
        return None
    return PushOutline(
        push_id=push["id"],
        decision_id=push["decision"],
        event_id=push["event"],
        authority=push["authority"],
        recipient=document["recipient"],
        party=document["party"],
        accepted_at=push["accepted_at"],
        moves=push["moves"],
        traceparent=push.get("traceparent"),
    )


def _outline_document(push: PushOutline) -> dict[str, Any]:
    outline = {
        "id": push.push_id,
        "decision": push.decision_id,
        "event": push.event_id,
        "authority": push.authority,
        "accepted_at": push.accepted_at,
        "moves": push.moves,
    }
    return outline | ({"traceparent": push.traceparent} if push.traceparent else {})


def stretch(recipient: str, after: Cursor, upto: int) -> dict[str, Any]:
    """The query for one organisation's entries between two positions."""
    return {
        "recipient": recipient,
        "partition": after.partition,
        "offset": {"$gt": after.offset, "$lte": upto},
    }

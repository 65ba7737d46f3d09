"""What the three services' stores hold, as far as the count needs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pymongo

from linkage_runtime.clock import now

Documents = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Documents without their bodies."""

    decisions: frozenset[str]
    linkages: Mapping[str, dict[str, Any]]
    incoming: Documents
    pushes: Documents
    pool: Documents
    results: frozenset[str]
    entries: Documents
    deliveries: Documents
    facts: Documents
    unpublished: int
    """Documents that still hold an event that is not marked as published."""
    due: int
    """Deadlines that are over and were not told yet."""


def read_stores(uri: str) -> Stores:
    """Read everything once."""
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(uri, tz_aware=True)
    try:
        approval, push = client["approval_events"], client["supervision_push"]
        bare = {"body": False, "outbox": False, "found.body": False}
        incoming = list(approval["incoming_results"].find({}, bare))
        pushes = list(push["pushes"].find({}, bare))
        pool = list(push["pool"].find({}, bare))
        results = list(push["results"].find({}, {"unpublished": True, "next_at": True}))
        holders = [*incoming, *pushes, *pool, *results]
        return Stores(
            decisions=frozenset(one["_id"] for one in approval["decisions"].find({}, {"_id": 1})),
            linkages={one["_id"]: one for one in approval["linkages"].find({})},
            incoming=incoming,
            pushes=pushes,
            pool=pool,
            results=frozenset(one["_id"] for one in results),
            entries=list(push["feed_entries"].find({}, {"body": False})),
            deliveries=list(push["deliveries"].find({})),
            facts=list(client["credit"]["facts"].find({})),
            unpublished=sum("unpublished" in one for one in holders),
            due=due(uri),
        )
    finally:
        client.close()


def due(uri: str) -> int:
    """How many pushes and results have a deadline that is over and not told yet."""
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(uri)
    try:
        push = client["supervision_push"]
        which = {"next_at": {"$lte": now()}}
        return sum(push[name].count_documents(which) for name in ("pushes", "results"))
    finally:
        client.close()


def failures(uri: str, organisation: str) -> int:
    """How often in a row this organisation's webhook failed."""
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(uri)
    try:
        own = client["supervision_push"]["subscriptions"].find({"organisation": organisation})
        return sum(one["trouble"]["failures"] for one in own if one["trouble"])
    finally:
        client.close()


def undelivered(uri: str, organisation: str) -> int:
    """How many entries of this feed lie before its webhook's cursor."""
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(uri)
    try:
        push = client["supervision_push"]
        (subscription,) = push["subscriptions"].find({"organisation": organisation})
        beyond = {"$gt": subscription["position"]["offset"]}
        return push["feed_entries"].count_documents({"recipient": organisation, "offset": beyond})
    finally:
        client.close()

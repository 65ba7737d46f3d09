"""The deadlines that nobody has met yet, counted per authority and clock where they lie."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from linkage_contracts.codes import Clock
from linkage_runtime.mongo import Collection, transient_errors

WHAT_IS_OPEN = {"open_until": {"$gt": datetime(1970, 1, 1, tzinfo=UTC)}}
"""A range, not $exists: see ``mongo_clocks``."""


class Standing(StrEnum):
    """How an open deadline stands; each stands in one way."""

    IN_TIME = "in_time"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenClocks:
    """What one authority owes by one clock for one item: how many, and since when the oldest."""

    authority: str
    clock: Clock
    item: str | None
    """Of several the first; ``None`` of what is about no item."""
    counts: dict[Standing, int]
    since: datetime


async def count_open(collection: Collection, owes: str, at: datetime) -> list[OpenClocks]:
    """Group what is open of one collection, by whom ``owes`` names; what was done is not read."""
    with transient_errors():
        rows = await collection.aggregate(_pipeline(owes, at)).to_list(None)
    return [
        OpenClocks(
            authority=row["_id"]["authority"],
            clock=Clock(row["_id"]["clock"]),
            item=row["_id"].get("item"),
            counts={one: row[one.value] for one in Standing},
            since=row["since"],
        )
        for row in rows
    ]


def _pipeline(owes: str, at: datetime) -> list[dict[str, Any]]:
    clock = "$one.v"
    last_move = {"$arrayElemAt": [{"$ifNull": [f"{clock}.moves", []]}, -1]}
    standing = {
        "$switch": {
            "branches": [
                {"case": {"$eq": ["$last.cause", "paused"]}, "then": Standing.PAUSED},
                {"case": {"$gte": [at, f"{clock}.due_at"]}, "then": Standing.OVERDUE},
                {"case": {"$gte": [at, f"{clock}.warn_at"]}, "then": Standing.DUE_SOON},
            ],
            "default": Standing.IN_TIME,
        }
    }
    counts = {
        one.value: {"$sum": {"$cond": [{"$eq": ["$standing", one]}, 1, 0]}} for one in Standing
    }
    return [
        {"$match": WHAT_IS_OPEN},
        {
            "$project": {
                "authority": f"${owes}",
                "item": {"$arrayElemAt": [{"$ifNull": ["$items", []]}, 0]},
                "one": {"$objectToArray": "$clocks"},
            }
        },
        {"$unwind": "$one"},
        {"$match": {"one.v.stopped_at": None}},
        {"$addFields": {"last": last_move}},
        {"$addFields": {"standing": standing}},
        {
            "$group": {
                "_id": {"authority": "$authority", "clock": "$one.k", "item": "$item.code"},
                **counts,
                "since": {"$min": f"{clock}.started_at"},
            }
        },
    ]

"""How many pushes and results each organisation has, by what became of them."""

from typing import Any

from linkage_runtime.mongo import Collection, Database, transient_errors
from supervision_push.domain.clocks import Level

_PUSHES = {
    "pushed": 1,
    "received": {"$cond": [{"$ifNull": ["$receipt.at", False]}, 1, 0]},
    "returned": {"$cond": [{"$ifNull": ["$returned.at", False]}, 1, 0]},
    "enrolled": {"$cond": [{"$ifNull": ["$enrolment.at", False]}, 1, 0]},
    "fed_back": {"$cond": [{"$gt": [{"$size": {"$ifNull": ["$feedback", []]}}, 0]}, 1, 0]},
    "recalled": {"$cond": [{"$ifNull": ["$recalled.at", False]}, 1, 0]},
    "overdue": {"$cond": [{"$gte": ["$level", Level.OVERDUE.value]}, 1, 0]},
    "escalated": {"$cond": [{"$gte": ["$level", Level.ESCALATED.value]}, 1, 0]},
}
# A document that only an act has made so far has no supervisor, and is not counted yet.
_RESULTS = {
    "results_posted": 1,
    "results_received": {"$cond": [{"$ifNull": ["$received_at", False]}, 1, 0]},
    "results_acted": {"$cond": [{"$ifNull": ["$reported_at", False]}, 1, 0]},
}


async def summary(database: Database, organisation: str | None) -> list[dict[str, Any]]:
    """One row for each supervising organisation; overdue counts what ever was, done late or not."""
    pushes = await _counts(database["pushes"], "recipient", _PUSHES, organisation)
    results = await _counts(database["results"], "supervisor", _RESULTS, organisation)
    nothing = dict.fromkeys((*_PUSHES, *_RESULTS), 0)
    everybody = sorted(pushes.keys() | results.keys())
    return [
        {"organisation": one, **nothing, **pushes.get(one, {}), **results.get(one, {})}
        for one in everybody
    ]


async def _counts(
    collection: Collection, field: str, numbers: dict[str, Any], organisation: str | None
) -> dict[str, dict[str, int]]:
    which = {field: organisation} if organisation else {field: {"$exists": True}}
    sums = {name: {"$sum": number} for name, number in numbers.items()}
    pipeline: list[dict[str, Any]] = [
        {"$match": which},
        {"$group": {"_id": f"${field}", **sums}},
    ]
    with transient_errors():
        rows = await collection.aggregate(pipeline).to_list(None)
    return {row.pop("_id"): row for row in rows}

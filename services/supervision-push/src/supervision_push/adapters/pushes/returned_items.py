"""Which items are often returned (退回), by whom and why: so that somebody mends the catalogue."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from linkage_runtime.mongo import Collection, transient_errors
from supervision_push.application.ports import Catalogues

MOST_REASONS = 5


async def returned_items(
    pushes: Collection, catalogues: Catalogues, *, since: datetime, least: int, limit: int
) -> list[dict[str, Any]]:
    """One row for each item and authority that returned it, the most often returned first.

    Args:
        pushes: the collection; read by the index on the time of a return.
        catalogues: what items and authorities are called.
        since: returns from then on.
        least: how many returns make a row.
        limit: how many rows.
    """
    catalogue = await catalogues.in_force()
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for group in await _groups(pushes, since):
        rows.setdefault((group["_id"]["item"], group["_id"]["by"]), []).append(group)
    often = sorted(
        ((_returns(groups), item, by, groups) for (item, by), groups in rows.items()),
        key=lambda row: (-row[0], row[1], row[2]),
    )
    known, named = catalogue.item_by_code, catalogue.authority_by_id
    return [
        {
            "item": item,
            "item_name": known[item].name if item in known else groups[0]["name"],
            "authority": by,
            "authority_name": named[by].name if by in named else by,
            "on_catalogue": item in known,
            "returns": returns,
            "reasons": _most(groups, "reason"),
            "suggested": _most(groups, "suggested"),
            "last_at": max(group["last_at"] for group in groups),
        }
        for returns, item, by, groups in often[:limit]
        if returns >= least
    ]


async def _groups(pushes: Collection, since: datetime) -> list[dict[str, Any]]:
    fields = {
        "item": "$items.code",
        "by": "$recipient",
        "reason": "$returned.reason",
        "suggested": "$returned.suggested",
    }
    pipeline: list[dict[str, Any]] = [
        {"$match": {"returned.at": {"$gte": since}}},
        {"$project": {"items": True, "recipient": True, "returned": True}},
        {"$unwind": "$items"},
        {
            "$group": {
                "_id": fields,
                "name": {"$first": "$items.name"},
                "returns": {"$sum": 1},
                "last_at": {"$max": "$returned.at"},
            }
        },
    ]
    with transient_errors():
        return await pushes.aggregate(pipeline).to_list(None)


def _returns(groups: Iterable[dict[str, Any]]) -> int:
    return sum(int(group["returns"]) for group in groups)


def _most(groups: Iterable[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    counted: Counter[str] = Counter()
    for group in groups:
        if said := group["_id"].get(name):
            counted[said] += group["returns"]
    return [{name: said, "returns": number} for said, number in counted.most_common(MOST_REASONS)]

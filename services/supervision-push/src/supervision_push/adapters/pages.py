"""Pages of a collection, for lists that are read on from the last document seen."""

from collections.abc import Mapping
from typing import Any

from pymongo import ASCENDING

from linkage_runtime.errors import PermanentError
from linkage_runtime.mongo import Collection, transient_errors


async def page_by(
    collection: Collection, which: Mapping[str, Any], by: str, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Documents in the order of one field, after the one with this id.

    Raises:
        PermanentError: there is no such document.
    """
    with transient_errors():
        if after is not None:
            last = await collection.find_one({"_id": after}, projection={by: True})
            if last is None:
                raise PermanentError("after: 没有此游标 (no such position)")
            # Not an $or of both cases: the index on ``by`` could not be used for it.
            earlier = [{by: last[by], "_id": {"$lte": after}}]
            which = {**which, by: {"$gte": last[by]}, "$nor": earlier}
        cursor = collection.find(which, projection={"outbox": False, "opening": False})
        in_order = cursor.sort([(by, ASCENDING), ("_id", ASCENDING)])
        return await in_order.limit(limit).to_list(limit)


def paged(name: str, rows: list[dict[str, Any]], key: str, limit: int) -> dict[str, Any]:
    """A page with the place at which the next one begins."""
    page: dict[str, Any] = {name: rows}
    return page | {"next": rows[-1][key]} if len(rows) == limit else page

"""Reads and upserts of many documents by their ids, as several processes do them at once."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from linkage_runtime.mongo import Collection, transient_errors, write_bulk

IDS_AT_ONCE = 50
"""The embedded database takes time by the square of an ``$in``: 1,000 cost it 13 times more."""

_DUPLICATE = 11000
_T = TypeVar("_T")


def in_parts(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """The items, ``IDS_AT_ONCE`` at a time."""
    for start in range(0, len(items), IDS_AT_ONCE):
        yield items[start : start + IDS_AT_ONCE]


async def find_by_ids(
    collection: Collection,
    ids: Sequence[str],
    *,
    also: Mapping[str, Any] | None = None,
    projection: Sequence[str] | Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """The documents of these ids that there are, and that fit what is ``also`` asked."""
    found: list[dict[str, Any]] = []
    with transient_errors():
        for part in in_parts(ids):
            which = {"_id": {"$in": list(part)}, **(also or {})}
            found += await collection.find(which, projection=projection).to_list(None)
    return found


async def upsert_bulk(collection: Collection, updates: Sequence[UpdateOne]) -> None:
    """Apply upserts that may be applied twice.

    Two upserts of one new document can both try to insert it: one of them fails then, and finds the
    document there when it is applied again.
    """
    try:
        await write_bulk(collection, updates)
    except BulkWriteError as error:
        failures = error.details.get("writeErrors", [])
        if any(failure["code"] != _DUPLICATE for failure in failures):
            raise
        await write_bulk(collection, [updates[failure["index"]] for failure in failures])

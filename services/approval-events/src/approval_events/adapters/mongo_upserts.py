"""Upserts of many documents, as several processes do them at once."""

from collections.abc import Sequence

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from linkage_runtime.mongo import Collection, write_bulk

_DUPLICATE = 11000


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

"""MongoDB as this system uses it: durable writes, majority reads, sorted errors."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import ReadPreference, UpdateMany, UpdateOne
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    ExecutionTimeout,
    NotPrimaryError,
    OperationFailure,
    WriteConcernError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from linkage_runtime.batched import batched
from linkage_runtime.errors import TransientError, UnwellError

Database = AsyncIOMotorDatabase[dict[str, Any]]
Collection = AsyncIOMotorCollection[dict[str, Any]]

AT_ONCE = 50
"""Values of one ``$in``. The embedded database compares each document found with each value asked
for: 500 at once were measured to cost it five times more a document than 50. MongoDB answers twenty
such queries on an index in about the time of one."""

_DUPLICATE = 11000
_FAILED_INSIDE = frozenset({1, 8, 14031})
"""InternalError, UnknownError, OutOfDiskSpace."""
_TRANSIENT = (
    ConnectionFailure,
    ExecutionTimeout,
    NotPrimaryError,
    WriteConcernError,
    WTimeoutError,
)
_TRY_AGAIN = ("RetryableWriteError", "TransientTransactionError")


def connect(uri: str) -> AsyncIOMotorClient[dict[str, Any]]:
    """A client that gives up choosing a server after five seconds, and stuck calls after thirty."""
    return AsyncIOMotorClient(
        uri, serverSelectionTimeoutMS=5_000, socketTimeoutMS=30_000, tz_aware=True
    )


def database(client: AsyncIOMotorClient[dict[str, Any]], name: str) -> Database:
    """A database whose acknowledged writes are journalled by a majority, and read likewise."""
    return client.get_database(
        name,
        codec_options=CodecOptions(tz_aware=True),
        read_preference=ReadPreference.PRIMARY,
        write_concern=WriteConcern(w="majority", j=True),
        read_concern=ReadConcern("majority"),
    )


@contextmanager
def transient_errors() -> Iterator[None]:
    """Turn what may pass by itself into ``TransientError``; let the rest through."""
    try:
        yield
    except _TRANSIENT as error:
        msg = f"MongoDB is away: {type(error).__name__}"
        raise TransientError(msg) from error
    except OperationFailure as error:
        if error.code in _FAILED_INSIDE:
            msg = f"MongoDB failed inside: {error.code}"
            raise UnwellError(msg) from error
        if any(map(error.has_error_label, _TRY_AGAIN)):
            msg = f"MongoDB asks to try again: {error.code}"
            raise TransientError(msg) from error
        raise


def parts(values: Iterable[str]) -> Iterator[list[str]]:
    """Every value once, ``AT_ONCE`` at a time, for ``$in``."""
    return batched(dict.fromkeys(values), AT_ONCE)


async def find_by(
    collection: Collection,
    field: str,
    values: Iterable[str],
    *,
    also: Mapping[str, Any] | None = None,
    projection: Sequence[str] | Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Every document whose ``field`` is one of ``values``, and that fits what is ``also`` asked."""
    found: list[dict[str, Any]] = []
    with transient_errors():
        for some in parts(values):
            which = {field: {"$in": some}, **(also or {})}
            found += await collection.find(which, projection=projection).to_list(None)
    return found


async def insert_new(
    collection: Collection, documents: Sequence[Mapping[str, Any]]
) -> frozenset[Any]:
    """Insert what is not there yet, in one write; a known ``_id`` means already done.

    Returns:
        The ids that were known before.
    """
    if not documents:
        return frozenset()
    with transient_errors():
        try:
            await collection.insert_many([dict(d) for d in documents], ordered=False)
        except BulkWriteError as error:
            return frozenset(documents[index]["_id"] for index in _duplicates(error))
    return frozenset()


async def write_bulk(collection: Collection, updates: Sequence[UpdateOne | UpdateMany]) -> int:
    """Apply updates in one unordered write; returns how many matched or were inserted."""
    if not updates:
        return 0
    with transient_errors():
        result = await collection.bulk_write(list(updates), ordered=False)
    return result.matched_count + result.upserted_count


def _duplicates(error: BulkWriteError) -> list[int]:
    failures = error.details.get("writeErrors", [])
    if any(failure["code"] != _DUPLICATE for failure in failures):
        raise error
    if error.details.get("writeConcernErrors"):
        msg = "MongoDB did not make the write durable"
        raise TransientError(msg) from error
    return [failure["index"] for failure in failures]

"""Liaisons and how far they were told, in MongoDB: one document an organisation."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from linkage_runtime.mongo import Database, transient_errors
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.digest import Digest, Liaison, NoticeReader

_LIAISONS: TypeAdapter[tuple[Liaison, ...]] = TypeAdapter(tuple[Liaison, ...])
_DIGEST: TypeAdapter[Digest | None] = TypeAdapter(Digest | None)


class MongoNotices:
    """See ``NoticeReaders`` and ``FeedCounts``."""

    def __init__(self, database: Database) -> None:
        self._liaisons = database["liaisons"]
        self._entries = database["feed_entries"]

    async def all(self) -> list[NoticeReader]:
        """See ``NoticeReaders``."""
        with transient_errors():
            return [_reader(document) async for document in self._liaisons.find()]

    async def find(self, organisation: str) -> NoticeReader | None:
        """See ``NoticeReaders``."""
        with transient_errors():
            found = await self._liaisons.find_one({"_id": organisation})
        return _reader(found) if found else None

    async def name(self, organisation: str, liaisons: Sequence[Liaison], begin: Cursor) -> None:
        """See ``NoticeReaders``."""
        named = {"liaisons": [_plain(asdict(one)) for one in liaisons]}
        first = {"position": asdict(begin), "revision": 0}
        change = {"$set": named, "$setOnInsert": first}
        with transient_errors():
            await self._liaisons.update_one({"_id": organisation}, change, upsert=True)

    async def forget(self, organisation: str) -> None:
        """See ``NoticeReaders``."""
        with transient_errors():
            await self._liaisons.delete_one({"_id": organisation})

    async def save(self, before: NoticeReader, after: NoticeReader) -> bool:
        """See ``NoticeReaders``."""
        unmoved = {"_id": before.organisation, "revision": before.revision}
        moving = {
            "position": asdict(after.position),
            "digest": _plain(asdict(after.digest)) if after.digest else None,
            "sent_at": after.sent_at,
            "failures": after.failures,
            "cause": after.cause,
            "wait_until": after.wait_until,
            "revision": after.revision,
        }
        with transient_errors():
            result = await self._liaisons.update_one(unmoved, {"$set": moving})
        return result.matched_count == 1

    async def counts(self, recipient: str, after: Cursor, upto: int) -> Mapping[str, int]:
        """See ``FeedCounts``."""
        stretch = {
            "recipient": recipient,
            "partition": after.partition,
            "offset": {"$gt": after.offset, "$lte": upto},
        }
        stages: list[dict[str, Any]] = [
            {"$match": stretch},
            {"$group": {"_id": "$type", "count": {"$sum": 1}}},
        ]
        with transient_errors():
            return {one["_id"]: one["count"] async for one in self._entries.aggregate(stages)}


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    """Codes as strings, tuples as lists."""
    plain: dict[str, Any] = _JSON.dump_python(fields, mode="json")
    return plain


_JSON: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def _reader(document: Mapping[str, Any]) -> NoticeReader:
    return NoticeReader(
        organisation=document["_id"],
        liaisons=_LIAISONS.validate_python(document["liaisons"]),
        position=Cursor(**document["position"]),
        digest=_DIGEST.validate_python(document.get("digest")),
        sent_at=document.get("sent_at"),
        failures=document.get("failures", 0),
        cause=document.get("cause"),
        wait_until=document.get("wait_until"),
        revision=document["revision"],
    )

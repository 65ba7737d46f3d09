"""The clocks in the documents of one collection; see ``clock_documents``."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCursor
from pymongo import ASCENDING, IndexModel, UpdateOne

from linkage_runtime.mongo import Collection as Documents
from linkage_runtime.mongo import find_by, transient_errors, write_bulk
from linkage_runtime.outbox import Outbox, holding
from supervision_push.adapters.deadlines.clock_documents import clock_changes
from supervision_push.application.clock_ports import Chased, Moved, Subject
from supervision_push.domain.clocks import highest_level, next_firing

# Sparse, and not partial on $exists: for that the embedded database reads the collection.
_INDEXES = tuple(
    IndexModel([(field, ASCENDING)], name=name, sparse=True)
    for field, name in (
        ("next_at", "clocks"),
        ("resume_at", "standing_still"),
        ("awaits_year", "provisional"),
        ("open_until", "open"),
    )
)
_WITHOUT_BODY = {"body": False, "outbox": False}


class MongoClocks:
    """See ``Clocks`` and ``ClockBook``: the clocks in the documents of one collection."""

    def __init__(
        self,
        collection: Documents,
        subject_of: Callable[[Mapping[str, Any]], Subject],
        outbox: Outbox,
    ) -> None:
        self._collection = collection
        self._subject_of = subject_of
        self._outbox = outbox

    async def create_indexes(self) -> None:
        """Let a chase cost what is due, not what is stored."""
        await self._collection.create_indexes(list(_INDEXES))
        await self._outbox.create_index()

    async def due(self, at: datetime, limit: int) -> list[Subject]:
        """See the port."""
        return await self._first({"next_at": {"$lte": at}}, "next_at", limit)

    async def standing_still(self, at: datetime, limit: int) -> list[Subject]:
        """See the port."""
        return await self._first({"resume_at": {"$lte": at}}, "resume_at", limit)

    async def awaiting(self, years: Collection[int], limit: int) -> list[Subject]:
        """See the port."""
        which = {"awaits_year": {"$in": sorted(years)}}
        return await self._first(which, "awaits_year", limit)

    async def provisional(self) -> int:
        """How many documents have an open deadline that may still move."""
        with transient_errors():
            return await self._collection.count_documents({"awaits_year": {"$gt": 0}})

    async def find(self, keys: Iterable[str]) -> dict[str, Subject]:
        """See the port."""
        found = await find_by(
            self._collection,
            "_id",
            keys,
            also={"clocks": {"$exists": True}},
            projection=_WITHOUT_BODY,
        )
        # What an act alone has made so far, or what nobody owes, has no clock.
        return {one["_id"]: self._subject_of(one) for one in found if one["clocks"]}

    async def save(self, moved: Sequence[Moved]) -> int:
        """See the port."""
        return await write_bulk(self._collection, [_saved(one) for one in moved])

    async def flush(self, keys: Sequence[str]) -> None:
        """See the port."""
        await self._outbox.flush(keys)

    async def mark(self, chased: Sequence[Chased]) -> None:
        """Remember what was told; where somebody moved the clocks, the next chase looks again."""
        marked = await write_bulk(self._collection, [_moved_on(one) for one in chased])
        if marked < len(chased):
            # Told is told, though an act stopped the clock at that very moment.
            await write_bulk(self._collection, [told for one in chased for told in _told(one)])

    async def _first(self, which: Mapping[str, Any], by: str, limit: int) -> list[Subject]:
        with transient_errors():
            documents = await self._query(which, by, limit).to_list(limit)
        return [self._subject_of(document) for document in documents]

    def _query(
        self, which: Mapping[str, Any], by: str, limit: int
    ) -> AsyncIOMotorCursor[dict[str, Any]]:
        # Limited by the server too: else it reads on after the first batch, of all that is due.
        found = self._collection.find(which, projection=_WITHOUT_BODY)
        return found.sort(by, ASCENDING).limit(limit)


def _saved(one: Moved) -> UpdateOne:
    changes, held = clock_changes(one.clocks), holding(one.letters)
    changes["$set"] |= held["$set"]
    changes |= {"$push": held["$push"], "$inc": {"revision": 1}}
    return UpdateOne(_as_read(one.subject), changes)


def _as_read(subject: Subject) -> dict[str, Any]:
    return {"_id": subject.key, "revision": subject.revision}


def _moved_on(chased: Chased) -> UpdateOne:
    at = next_firing(chased.clocks)
    next_at = {"$unset": {"next_at": ""}} if at is None else {"$set": {"next_at": at}}
    # Levels only, and never lower.
    levels = {f"clocks.{clock.clock}.level": int(clock.level) for clock in chased.clocks}
    worst = {"level": int(highest_level(chased.clocks))}
    return UpdateOne(
        _as_read(chased.subject), {"$max": levels | worst, "$inc": {"revision": 1}, **next_at}
    )


def _told(chased: Chased) -> Iterable[UpdateOne]:
    # Of a clock that was moved meanwhile, another day was told than the one that it now has.
    for clock in chased.clocks:
        name = f"clocks.{clock.clock}"
        yield UpdateOne(
            {"_id": chased.subject.key, f"{name}.due_on": clock.due_on.isoformat()},
            {
                "$max": {f"{name}.level": int(clock.level), "level": int(clock.level)},
                "$inc": {"revision": 1},
            },
        )

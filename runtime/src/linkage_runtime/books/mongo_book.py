"""The state of the books in MongoDB: ``linkage_books``, which can be made again from the log.

``pages`` is a log of its own: page n holds the positions after batch n, what was counted in it and
the sums it adds. One insert, so a batch counts once or not at all, and of two keepers one is told.
``hours`` is the sum of all pages, ``owed`` what is not fulfilled, ``dead`` the dead letters.
"""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from linkage_runtime.books.book_documents import owed_document, owed_in, page_document, page_in
from linkage_runtime.books.claims import Place
from linkage_runtime.books.ports import OtherKeeperError, Owed, Page
from linkage_runtime.letters.mongo_acts import Done, MongoLetterActs
from linkage_runtime.mongo import (
    Collection as MongoCollection,
)
from linkage_runtime.mongo import (
    Database,
    find_by,
    insert_new,
    parts,
    transient_errors,
    write_bulk,
)

DATABASE = "linkage_books"
_DUPLICATE = 11000
_SHOWN = 1_000


class MongoBook:
    """See ``Book``."""

    def __init__(self, database: Database, letter_acts: MongoLetterActs) -> None:
        self._pages: MongoCollection = database["pages"]
        self._hours: MongoCollection = database["hours"]
        self._owed: MongoCollection = database["owed"]
        self._dead: MongoCollection = database["dead"]
        self._walks: MongoCollection = database["walks"]
        self._letter_acts = letter_acts

    async def create_indexes(self) -> None:
        """Idempotent."""
        with transient_errors():
            await self._owed.create_index([("checked_at", ASCENDING)], name="checked")
            await self._hours.create_index([("hour", DESCENDING)], name="hour")
            await self._dead.create_index([("event", ASCENDING)], name="event")

    async def last_page(self) -> Page | None:
        """See ``Book``."""
        with transient_errors():
            found = await self._pages.find({}).sort("_id", DESCENDING).limit(1).to_list(1)
        if not found:
            return None
        page = page_in(found[0])
        await self._enter(page)
        return page

    async def seen_since(self, at: datetime) -> AsyncIterator[Page]:
        """See ``Book``."""
        with transient_errors():
            cursor = self._pages.find({"at": {"$gte": at}}, {"entries": False})
            async for one in cursor.sort("_id", ASCENDING):
                yield page_in(one)

    async def owe(self, owed: Iterable[Owed]) -> None:
        """See ``Book``."""
        documents = {one.claim.key: owed_document(one) for one in owed}
        await insert_new(self._owed, list(documents.values()))

    async def settle(self, keys: Collection[str]) -> None:
        """See ``Book``."""
        with transient_errors():
            for some in parts(keys):
                await self._owed.delete_many({"_id": {"$in": some}})

    async def bury(self, letters: Iterable[tuple[str, str, str]]) -> None:
        """See ``Book``."""
        await insert_new(
            self._dead,
            [{"_id": id_, "event": event, "reader": reader} for id_, event, reader in letters],
        )

    async def buried(self, events: Collection[str]) -> frozenset[tuple[str, str]]:
        """See ``Book``."""
        letters = await find_by(self._dead, "event", events)
        acts = await self._letter_acts.of(one["_id"] for one in letters)
        again = {id_ for id_, act in acts.items() if act.published and act.done is Done.REPLAYED}
        return frozenset(
            (one["event"], one["reader"]) for one in letters if one["_id"] not in again
        )

    async def turn(self, page: Page) -> None:
        """See ``Book``."""
        with transient_errors():
            try:
                await self._pages.insert_one(page_document(page))
            except DuplicateKeyError as error:
                raise OtherKeeperError("somebody else keeps the books right now") from error
        await self._enter(page)

    async def forget(self, before: datetime) -> None:
        """See ``Book``."""
        with transient_errors():
            last = await self._pages.find({}, ["_id"]).sort("_id", DESCENDING).limit(1).to_list(1)
            if last:
                old = {"at": {"$lt": before}, "_id": {"$lt": last[0]["_id"]}}
                await self._pages.delete_many(old)

    async def open_claims(self, limit: int) -> list[Owed]:
        """See ``Book``."""
        with transient_errors():
            cursor = self._owed.find({}).sort("checked_at", ASCENDING).limit(limit)
            return [owed_in(one) for one in await cursor.to_list(limit)]

    async def checked(self, owed: Collection[Owed], at: datetime) -> None:
        """See ``Book``."""
        await write_bulk(
            self._owed,
            [
                UpdateOne({"_id": one.claim.key}, {"$set": {"checked_at": at, "dead": one.dead}})
                for one in owed
            ],
        )

    async def walked(self, place: Place) -> str:
        """See ``Book``."""
        with transient_errors():
            found = await self._walks.find_one({"_id": str(place)})
        return str(found["after"]) if found else ""

    async def walk_to(self, place: Place, after: str, at: datetime) -> None:
        """See ``Book``."""
        step: dict[str, Any] = {"$set": {"after": after, "at": at}}
        if not after:
            step["$set"]["all_seen_at"] = at
        with transient_errors():
            await self._walks.update_one({"_id": str(place)}, step, upsert=True)

    async def rounds(self) -> dict[Place, datetime | None]:
        """When the patrol last had gone through each store; None before its first round ended."""
        with transient_errors():
            walks = await self._walks.find({}).to_list(None)
        return {Place(one["_id"]): one.get("all_seen_at") for one in walks}

    async def missing(self, before: datetime) -> tuple[Counter[str], list[Owed], int]:
        """What is owed since before this, by stage; the first of them; and how many are younger."""
        late = {"since": {"$lt": before}, "dead": False}
        with transient_errors():
            groups = self._owed.aggregate(
                [{"$match": late}, {"$group": {"_id": "$stage", "claims": {"$sum": 1}}}]
            )
            by_stage = Counter({one["_id"]: one["claims"] async for one in groups})
            named = await self._owed.find(late).sort("_id", ASCENDING).limit(_SHOWN).to_list(_SHOWN)
            young = await self._owed.count_documents({"since": {"$gte": before}})
        return by_stage, [owed_in(one) for one in named], young

    async def hours(
        self, since: datetime | None, until: datetime | None, authority: str | None
    ) -> dict[datetime, Counter[str]]:
        """The sheet: sums by hour."""
        which: dict[str, Any] = {} if authority is None else {"authority": authority}
        if between := {"$gte": since} if since else {}:
            which["hour"] = between
        if until:
            which["hour"] = between | {"$lt": until}
        sums: dict[datetime, Counter[str]] = {}
        with transient_errors():
            async for one in self._hours.find(which).sort("hour", ASCENDING):
                sums.setdefault(one["hour"], Counter()).update(one["sums"])
        return sums

    async def _enter(self, page: Page) -> None:
        """Add a page's sums where they are not added yet."""
        sums: dict[tuple[datetime, str], Counter[str]] = {}
        for entry in page.entries:
            sums.setdefault((entry.hour, entry.authority), Counter())[entry.column] += 1
        updates = [
            UpdateOne(
                {"_id": f"{hour.isoformat()}/{authority}", "upto": {"$lt": page.number}},
                {
                    "$inc": {f"sums.{column}": n for column, n in columns.items()},
                    "$set": {"upto": page.number, "hour": hour, "authority": authority},
                },
                upsert=True,
            )
            for (hour, authority), columns in sums.items()
        ]
        try:
            await write_bulk(self._hours, updates)
        except BulkWriteError as error:
            # An hour that has this page already cannot be inserted a second time.
            if any(one["code"] != _DUPLICATE for one in error.details.get("writeErrors", ())):
                raise

"""The feed in MongoDB: entries and recipients, watermarks by partition, positions of pull."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from pymongo import ASCENDING, UpdateOne

from linkage_runtime.clock import now
from linkage_runtime.mongo import Database, insert_new, transient_errors, write_bulk
from supervision_push.adapters.feeds.feed_documents import (
    OUTLINED,
    entry_document,
    entry_in,
    push_outline_in,
    stretch,
)
from supervision_push.domain.cursor import BEFORE_FIRST, Cursor
from supervision_push.domain.entry import BATCH_BYTES, PushOutline, StoredEntry, fitting, size_of
from supervision_push.domain.stretch import Stretch

FIRST_WIDTH, WIDENED = 4, 8
"""How many offsets are searched for each entry wanted, and how much further when too few are found.

Without a bound the embedded database reads all that waits, only to give the first page of it. The
partition is shared with other organisations, so the next entry may also lie far ahead.
"""

RECENT = 16
"""Stretches that a watermark names: a third of a second of them at the writer's fastest."""

EPOCH = "epoch"
"""The one document of ``watermarks`` that is no partition's."""


async def number_feeds(database: Database) -> None:
    """Give the feeds an epoch if they have none yet; whoever is first decides."""
    await insert_new(database["watermarks"], [{"_id": EPOCH, "epoch": uuid4().hex[:12]}])


class MongoFeedLog:
    """``feed_entries``, and the writing side of ``feed_recipients`` and ``watermarks``."""

    def __init__(self, database: Database) -> None:
        self._entries = database["feed_entries"]
        self._recipients = database["feed_recipients"]
        self._noted: set[str] = set()
        self._watermarks = database["watermarks"]

    async def create_indexes(self) -> None:
        """Let a stretch of one organisation's feed be read in order."""
        await self._entries.create_index(
            [("recipient", ASCENDING), ("partition", ASCENDING), ("offset", ASCENDING)],
            name="feed",
        )

    async def insert(self, entries: Sequence[StoredEntry]) -> frozenset[str]:
        """See ``FeedLog``."""
        at = now()
        # Within one batch too the first copy is the one that stands.
        first: dict[str, dict[str, Any]] = {}
        for entry in entries:
            first.setdefault(
                entry.id, entry_document(replace(entry, stored_at=entry.stored_at or at))
            )
        return await insert_new(self._entries, list(first.values()))

    async def note_recipients(self, recipients: Iterable[str]) -> None:
        """See ``FeedLog``: each is written once in the life of this process."""
        new = set(recipients) - self._noted
        await insert_new(self._recipients, [{"_id": one} for one in sorted(new)])
        self._noted |= new

    async def raise_watermarks(self, written: Mapping[int, Stretch]) -> None:
        """See ``FeedLog``."""
        await write_bulk(
            self._watermarks,
            [
                UpdateOne({"_id": partition}, _raised(stretch), upsert=True)
                for partition, stretch in written.items()
            ],
        )

    async def between(
        self, recipient: str, after: Cursor, upto: int, limit: int
    ) -> list[StoredEntry]:
        """See ``FeedLog``; one entry at least, however large."""
        found: list[StoredEntry] = []
        start, width = after, FIRST_WIDTH * limit
        while start.offset < upto and len(found) < limit and size_of(found) < BATCH_BYTES:
            end = min(start.offset + width, upto)
            found += await self._page(recipient, start, end, limit - len(found))
            start, width = start.at(end), width * WIDENED
        return fitting(found)

    async def pushes_between(self, recipient: str, after: Cursor, upto: int) -> list[PushOutline]:
        """See ``FeedLog``."""
        which = stretch(recipient, after, upto)
        with transient_errors():
            found = await self._entries.find(which, projection=OUTLINED).to_list(None)
        # Asked of the database, whether there is one would cost it the index.
        return [push for document in found if (push := push_outline_in(document))]

    async def _page(
        self, recipient: str, after: Cursor, upto: int, limit: int
    ) -> list[StoredEntry]:
        found: list[StoredEntry] = []
        size = 0
        cursor = self._entries.find(stretch(recipient, after, upto), limit=limit)
        with transient_errors():
            async for document in cursor.sort("offset", ASCENDING):
                found.append(entry_in(document))
                size += len(document["body"])
                if size > BATCH_BYTES:
                    break
        return found


class MongoPullPositions:
    """``pull_positions``: one document per organisation and epoch."""

    def __init__(self, database: Database) -> None:
        self._positions = database["pull_positions"]

    async def confirmed(self, organisation: str, beginning: Cursor) -> Cursor:
        """See ``PullPositions``."""
        with transient_errors():
            found = await self._positions.find_one({"_id": _reader(organisation, beginning)})
        return beginning.at(found["offset"] if found else BEFORE_FIRST)

    async def confirm(self, organisation: str, position: Cursor) -> None:
        """See ``PullPositions``."""
        raised = {"$max": {"offset": position.offset}, "$set": {"confirmed_at": now()}}
        with transient_errors():
            await self._positions.update_one(
                {"_id": _reader(organisation, position)}, raised, upsert=True
            )


def _raised(stretch: Stretch) -> dict[str, Any]:
    told = None if stretch.recipients is None else sorted(stretch.recipients)
    recent = {"first": stretch.first, "last": stretch.last, "recipients": told}
    return {
        "$max": {"offset": stretch.last},
        "$push": {"recent": {"$each": [recent], "$slice": -RECENT}},
    }


def _reader(organisation: str, position: Cursor) -> str:
    return f"{organisation}/{position.epoch}"

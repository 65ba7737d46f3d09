"""Rarer questions to the feed in MongoDB: one party's entries, outlines, times."""

from collections.abc import AsyncIterator
from datetime import datetime

from pymongo import ASCENDING

from linkage_runtime.mongo import Database, transient_errors
from supervision_push.adapters.feeds.feed_documents import entry_in, stretch
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.entry import StoredEntry

_OUTLINE = {"body": False}
_END = 2**63 - 1
"""No Kafka offset is greater."""


class MongoFeedSearch:
    """Reads ``feed_entries`` along the index of feeds: of one organisation, in order."""

    def __init__(self, database: Database) -> None:
        self._entries = database["feed_entries"]

    async def of_party(
        self, recipient: str, after: Cursor, upto: int, party: str, limit: int
    ) -> list[StoredEntry]:
        """See ``FeedSearch``."""
        which = stretch(recipient, after, upto) | {"party": party}
        cursor = self._entries.find(which, limit=limit)
        with transient_errors():
            found = await cursor.sort("offset", ASCENDING).to_list(None)
        return [entry_in(document) for document in found]

    async def outlines(
        self, recipient: str, after: Cursor, upto: int
    ) -> AsyncIterator[StoredEntry]:
        """See ``FeedSearch``."""
        cursor = self._entries.find(stretch(recipient, after, upto), _OUTLINE)
        with transient_errors():
            async for document in cursor.sort("offset", ASCENDING):
                yield entry_in(document)

    async def oldest(self, recipient: str, after: Cursor) -> StoredEntry | None:
        """See ``FeedSearch``."""
        cursor = self._entries.find(stretch(recipient, after, _END), _OUTLINE, limit=1)
        with transient_errors():
            found = await cursor.sort("offset", ASCENDING).to_list(1)
        return entry_in(found[0]) if found else None

    async def offset_before(self, recipient: str, beginning: Cursor, at: datetime) -> int | None:
        """See ``FeedSearch``."""
        which = stretch(recipient, beginning, _END) | {"stored_at": {"$gte": at}}
        cursor = self._entries.find(which, {"offset": True}, limit=1)
        with transient_errors():
            found = await cursor.sort("offset", ASCENDING).to_list(1)
        return found[0]["offset"] - 1 if found else None

"""Waiting for one organisation's next entry: thousands may wait, and only those it is for wake up.

A watermark moves with every organisation's entries. So the feed writer also notes each recipient's
last offset, before it raises the watermark over it; one poll per process reads what was noted since
the last one.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable

from linkage_runtime.errors import TransientError
from linkage_runtime.mongo import Database, transient_errors
from supervision_push.adapters.mongo_watermarks import POLL_SECONDS, MongoWatermarks
from supervision_push.domain.cursor import BEFORE_FIRST

Waiting = tuple[int, int, "asyncio.Future[int]"]
"""The partition, the offset to pass, and whom to tell."""


class MongoFeedHeads:
    """Reads ``feed_heads``; polls only while somebody waits."""

    def __init__(self, database: Database, watermarks: MongoWatermarks) -> None:
        self._collection = database["feed_heads"]
        self._watermarks = watermarks
        self._marks: dict[int, int] = {}
        self._heads: dict[str, int] = {}
        self._waiting: defaultdict[str, list[Waiting]] = defaultdict(list)
        self._poller: asyncio.Task[None] | None = None

    async def beyond(self, organisation: str, partition: int, offset: int) -> int:
        """See ``Arrivals``."""
        if self._has(organisation, partition, offset):
            return self._marks[partition]
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        waiting = (partition, offset, told)
        self._waiting[organisation].append(waiting)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        try:
            return await told
        finally:
            self._forget(organisation, waiting)

    def _forget(self, organisation: str, waiting: Waiting) -> None:
        left = self._waiting[organisation]
        left.remove(waiting)
        if not left:
            del self._waiting[organisation]

    def _has(self, organisation: str, partition: int, offset: int) -> bool:
        head = self._heads.get(organisation, BEFORE_FIRST)
        return min(head, self._marks.get(partition, BEFORE_FIRST)) > offset

    async def _poll(self) -> None:
        while self._waiting:
            try:
                self._tell(await self._moved())
            except TransientError as error:
                for waiting in self._waiting.values():
                    for _, _, told in waiting:
                        if not told.done():
                            told.set_exception(error)
                return
            await asyncio.sleep(POLL_SECONDS)

    async def _moved(self) -> set[str]:
        """Whose entries became readable since the last time."""
        marks = await self._watermarks.offsets()
        moved = {key: mark for key, mark in marks.items() if mark != self._marks.get(key)}
        if not moved:
            return set()
        found: dict[str, int] = {}
        for partition in moved:
            seen = self._marks.get(partition, BEFORE_FIRST)
            which = {"partition": partition, "offset": {"$gt": seen}}
            with transient_errors():
                async for head in self._collection.find(which):
                    found[head["_id"]] = head["offset"]
        # What is noted beyond a watermark has more to come, once that is raised over it: its offset
        # is greater than the watermark, so the next poll of the partition finds it again.
        self._heads |= found
        self._marks |= moved
        return set(found)

    def _tell(self, organisations: Iterable[str]) -> None:
        for organisation in organisations:
            for partition, offset, told in self._waiting.get(organisation, ()):
                if self._has(organisation, partition, offset) and not told.done():
                    told.set_result(self._marks[partition])

"""Waiting for watermarks: however many readers wait in a process, one poll serves them all."""

import asyncio
import contextlib
from collections.abc import Callable
from time import monotonic

from linkage_runtime.errors import TransientError
from linkage_runtime.mongo import Database, transient_errors
from supervision_push.adapters.mongo_feed import EPOCH
from supervision_push.domain.cursor import BEFORE_FIRST

POLL_SECONDS = 0.02
"""Half of this, on average, is what waiting adds to an entry's way to its reader."""
FRESH_SECONDS = POLL_SECONDS / 2
"""How long one answer serves all who ask; shorter than a poll, or every second one were stale."""


class MongoWatermarks:
    """Reads ``watermarks``; polls only while somebody waits."""

    def __init__(self, database: Database, clock: Callable[[], float] = monotonic) -> None:
        self._watermarks = database["watermarks"]
        self._clock = clock
        self._epoch = ""
        self._offsets: dict[int, int] = {}
        self._fresh_until = 0.0
        self._reading = asyncio.Lock()
        self._waiting: dict[asyncio.Future[int], tuple[int, int]] = {}
        self._poller: asyncio.Task[None] | None = None

    async def epoch(self) -> str:
        """See ``Watermarks``; it holds as long as this process."""
        if not self._epoch:
            await self._read()
        return self._epoch

    async def of(self, partition: int) -> int:
        """See ``Watermarks``; at most ``FRESH_SECONDS`` old."""
        await self._read()
        return self._offsets.get(partition, BEFORE_FIRST)

    async def offsets(self) -> dict[int, int]:
        """Every partition's watermark; at most ``FRESH_SECONDS`` old."""
        await self._read()
        return self._offsets

    async def beyond(self, partition: int, offset: int, within: float) -> int:
        """See ``Watermarks``."""
        current = await self.of(partition)
        if current > offset:
            return current
        passed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting[passed] = (partition, offset)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within):
                    return await passed
        finally:
            self._waiting.pop(passed, None)
        return self._offsets.get(partition, BEFORE_FIRST)

    async def _poll(self) -> None:
        while self._waiting:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self._read()
            except TransientError as error:
                for passed in self._waiting:
                    if not passed.done():
                        passed.set_exception(error)
                return
            for passed, (partition, offset) in self._waiting.items():
                current = self._offsets.get(partition, BEFORE_FIRST)
                if current > offset and not passed.done():
                    passed.set_result(current)

    async def _read(self) -> None:
        async with self._reading:
            if self._clock() < self._fresh_until:
                return
            with transient_errors():
                documents = await self._watermarks.find().to_list(None)
            numbers = {document["_id"]: document for document in documents}
            if EPOCH not in numbers:
                raise TransientError("supervision_push is not provisioned: the feeds have no epoch")
            self._epoch = numbers.pop(EPOCH)["epoch"]
            self._offsets = {key: document["offset"] for key, document in numbers.items()}
            self._fresh_until = self._clock() + FRESH_SECONDS

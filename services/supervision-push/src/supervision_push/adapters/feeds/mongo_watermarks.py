"""Waiting for watermarks: however many readers wait in a process, one poll serves them all."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from linkage_runtime.errors import TransientError
from linkage_runtime.mongo import Database, transient_errors
from supervision_push.adapters.feeds.mongo_feed import EPOCH
from supervision_push.domain.stretch import Recipients, Stretch, Watermark

POLL_SECONDS = 0.02
"""Half of this, on average, is what waiting adds to an entry's way to its reader."""
FRESH_SECONDS = POLL_SECONDS / 2
"""How long one answer serves all who ask; shorter than a poll, or every second one were stale."""

_UNSEEN = Watermark()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiter:
    """Who waits, and for what; ``recipient`` is ``None`` for one who waits for anything."""

    partition: int
    offset: int
    recipient: str | None

    def is_told(self, by: Recipients) -> bool:
        return by is None or self.recipient is None or self.recipient in by


class MongoWatermarks:
    """Reads ``watermarks``; polls only while somebody waits."""

    def __init__(self, database: Database, clock: Callable[[], float] = monotonic) -> None:
        self._watermarks = database["watermarks"]
        self._clock = clock
        self._epoch = ""
        self._marks: dict[int, Watermark] = {}
        self._fresh_until = 0.0
        self._reading = asyncio.Lock()
        self._waiting: dict[asyncio.Future[int], _Waiter] = {}
        self._poller: asyncio.Task[None] | None = None

    async def epoch(self) -> str:
        """See ``Watermarks``; it holds as long as this process."""
        if not self._epoch:
            await self._read()
        return self._epoch

    async def of(self, partition: int) -> int:
        """See ``Watermarks``; at most ``FRESH_SECONDS`` old."""
        await self._read()
        return self._mark(partition).offset

    async def beyond(
        self, partition: int, offset: int, within: float | None, recipient: str | None = None
    ) -> int:
        """See ``Watermarks``."""
        await self._read()
        waiter = _Waiter(partition=partition, offset=offset, recipient=recipient)
        mark = self._mark(partition)
        if mark.offset > offset and waiter.is_told(mark.told_since(offset)):
            return mark.offset
        passed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting[passed] = waiter
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll(self._marks))
            self._poller.add_done_callback(self._let_down)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within):
                    return await passed
        finally:
            self._waiting.pop(passed, None)
        return self._mark(partition).offset

    async def _poll(self, before: Mapping[int, Watermark]) -> None:
        # Whoever waits was compared with these marks, or with later ones, when it came.
        while self._waiting:
            await asyncio.sleep(POLL_SECONDS)
            await self._read()
            self._wake(self._told_since(before))
            before = self._marks

    def _let_down(self, poller: "asyncio.Task[None]") -> None:
        """Whatever ended the poll is told to all who wait: some would wait for ever."""
        error = None if poller.cancelled() else poller.exception()
        if error is None:
            return
        for passed in self._waiting:
            if not passed.done():
                passed.set_exception(error)

    def _told_since(self, before: Mapping[int, Watermark]) -> dict[int, Recipients]:
        """Of each partition that moved, who may find something new."""
        return {
            partition: mark.told_since(then)
            for partition, mark in self._marks.items()
            if mark.offset > (then := before.get(partition, _UNSEEN).offset)
        }

    def _wake(self, told: Mapping[int, Recipients]) -> None:
        if not told:
            return
        for passed, waiter in self._waiting.items():
            if waiter.partition not in told or not waiter.is_told(told[waiter.partition]):
                continue
            current = self._mark(waiter.partition).offset
            if current > waiter.offset and not passed.done():
                passed.set_result(current)

    def _mark(self, partition: int) -> Watermark:
        return self._marks.get(partition, _UNSEEN)

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
            self._marks = {key: _mark_in(document) for key, document in numbers.items()}
            self._fresh_until = self._clock() + FRESH_SECONDS


def _mark_in(document: Mapping[str, Any]) -> Watermark:
    recent = document.get("recent", ())
    return Watermark(offset=document["offset"], recent=tuple(_stretch(one) for one in recent))


def _stretch(document: Mapping[str, Any]) -> Stretch:
    told = document["recipients"]
    return Stretch(
        first=document["first"],
        last=document["last"],
        recipients=None if told is None else frozenset(told),
    )

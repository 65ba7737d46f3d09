"""One subscription on a stage: everything around its delivery, in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from supervision_push.application.deliver_feed import deliver_feed
from supervision_push.application.delivery_ports import DeliveryPorts, Traffic
from supervision_push.application.write_feed import write_feed
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.subscription import Change, Subscription
from tests.unit.feed_fakes import (
    NOON,
    MemoryFeed,
    Recorded,
    ScriptedSender,
    an_entry,
)
from tests.unit.subscription_fakes import MemorySubscriptions


@dataclass
class Stage:
    """One subscription and everything around it; sleeping moves the clock and takes no time."""

    feed: MemoryFeed = field(default_factory=MemoryFeed)
    subscriptions: MemorySubscriptions = field(default_factory=MemorySubscriptions)
    sender: ScriptedSender = field(default_factory=ScriptedSender)
    recorded: Recorded = field(default_factory=Recorded)
    now: datetime = NOON
    slept: list[float] = field(default_factory=list)
    traffic: Traffic = field(default_factory=Traffic)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    @property
    def ports(self) -> DeliveryPorts:
        return DeliveryPorts(
            feed=self.feed,
            search=self.feed,
            watermarks=self.feed,
            subscriptions=self.subscriptions,
            sender=self.sender,
            record_deliveries=self.recorded.record,
            sign_receipts=self.recorded.sign,
            clock=lambda: self.now,
            chance=lambda: 0.0,
            partition_of=lambda _: 0,
            give_up_after=timedelta(days=3),
            traffic=self.traffic,
            sleep=self.sleep,
        )

    async def tell(self, *offsets: int) -> None:
        await self.write(*(an_entry(offset) for offset in offsets))

    async def write(self, *entries: StoredEntry) -> None:
        await write_feed(entries, feed=self.feed)

    @asynccontextmanager
    async def delivering(self, subscription: Subscription) -> AsyncIterator["asyncio.Task[None]"]:
        await self.subscriptions.add(subscription)
        task = asyncio.create_task(deliver_feed(subscription, by=self.ports))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def until_delivered(self, offset: int) -> None:
        await self.until(lambda: self.position.offset >= offset)

    async def until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not happened():  # noqa: ASYNC110 -- the code under test signals nobody
                await asyncio.sleep(0.001)

    @property
    def history(self) -> list[Change]:
        return self.subscriptions.changes.get(self.subscription.id, [])

    @property
    def position(self) -> Cursor:
        return self.subscription.position

    @property
    def subscription(self) -> Subscription:
        (only,) = self.subscriptions.by_id.values()
        return only

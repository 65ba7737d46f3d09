"""Running all deliveries: they come and go with their subscriptions, and none costs another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from linkage_contracts.ids import stable_id
from linkage_runtime.errors import TransientError
from supervision_push.application.run_deliveries import run_deliveries
from supervision_push.domain.subscription import Subscription
from tests.unit.feed_fakes import BUREAU, NOON, MemorySubscriptions, a_subscription


class AwayOnce(MemorySubscriptions):
    """The first list cannot be had."""

    asked = 0

    async def active(self) -> list[Subscription]:
        self.asked += 1
        if self.asked == 1:
            raise TransientError("MongoDB is away")
        return await super().active()


@dataclass
class Deliveries:
    """Notes what runs; one of them fails whenever it is begun."""

    subscriptions: MemorySubscriptions = field(default_factory=MemorySubscriptions)
    begun: list[str] = field(default_factory=list)
    running: set[str] = field(default_factory=set)
    failing: str = ""

    async def deliver(self, subscription: Subscription) -> None:
        self.begun.append(subscription.id)
        if subscription.id == self.failing:
            raise ZeroDivisionError
        self.running.add(subscription.id)
        try:
            await asyncio.Event().wait()
        finally:
            self.running.discard(subscription.id)

    async def rest(self, _seconds: float) -> None:
        await asyncio.sleep(0.002)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        running = asyncio.create_task(
            run_deliveries(subscriptions=self.subscriptions, deliver=self.deliver, sleep=self.rest)
        )
        await asyncio.sleep(0.02)
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def named(name: str) -> Subscription:
    return a_subscription(id=stable_id("test-subscription", name))


async def test_each_active_subscription_has_one_delivery_and_a_paused_one_none() -> None:
    all_of_them = Deliveries()
    paused = named("paused").paused(NOON, "410")
    for one in (named("a"), named("b"), paused):
        await all_of_them.subscriptions.add(one)
    async with all_of_them.run():
        assert all_of_them.running == {named("a").id, named("b").id}
    assert sorted(all_of_them.begun) == sorted({named("a").id, named("b").id})


async def test_deliveries_come_and_go_with_their_subscriptions() -> None:
    all_of_them = Deliveries()
    async with all_of_them.run():
        await all_of_them.subscriptions.add(named("late"))
        await asyncio.sleep(0.02)
        assert all_of_them.running == {named("late").id}
        await all_of_them.subscriptions.remove(named("late").id, BUREAU)
        await asyncio.sleep(0.02)
        assert all_of_them.running == set()


async def test_a_delivery_that_fails_on_a_bug_is_begun_again_and_costs_no_other() -> None:
    all_of_them = Deliveries(failing=named("bad").id)
    for one in (named("good"), named("bad")):
        await all_of_them.subscriptions.add(one)
    async with all_of_them.run():
        assert all_of_them.running == {named("good").id}
    assert all_of_them.begun.count(named("bad").id) > 1
    assert all_of_them.begun.count(named("good").id) == 1


async def test_a_database_that_is_away_is_asked_again() -> None:
    all_of_them = Deliveries(subscriptions=AwayOnce())
    await all_of_them.subscriptions.add(named("a"))
    async with all_of_them.run():
        assert all_of_them.running == {named("a").id}


async def test_stopping_stops_every_delivery() -> None:
    all_of_them = Deliveries()
    await all_of_them.subscriptions.add(named("a"))
    async with all_of_them.run():
        assert all_of_them.running
    assert all_of_them.running == set()

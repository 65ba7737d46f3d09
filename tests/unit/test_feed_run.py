"""Running all deliveries: they come and go with their subscriptions, and none costs another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from linkage_contracts.ids import stable_id
from linkage_runtime.errors import TransientError
from supervision_push.application.delivery_ports import Traffic
from supervision_push.application.run_deliveries import Deliveries
from supervision_push.domain.shares import ALL_SHARES, share_of
from supervision_push.domain.subscription import Subscription
from tests.unit.feed_fakes import NOON, a_subscription
from tests.unit.subscription_fakes import MemorySubscriptions


class AwayOnce(MemorySubscriptions):
    """The first list cannot be had."""

    asked = 0

    async def delivering(self) -> dict[str, datetime | None]:
        self.asked += 1
        if self.asked == 1:
            raise TransientError("MongoDB is away")
        return await super().delivering()


@dataclass
class Floor:
    """Notes what runs; one of them fails whenever it is begun."""

    subscriptions: MemorySubscriptions = field(default_factory=MemorySubscriptions)
    begun: list[str] = field(default_factory=list)
    running: dict[str, Subscription] = field(default_factory=dict)
    failing: str = ""
    others: set[str] = field(default_factory=set)
    traffic: Traffic = field(default_factory=Traffic)
    now: datetime = NOON

    async def deliver(self, subscription: Subscription) -> None:
        self.begun.append(subscription.id)
        if subscription.id == self.failing:
            raise ZeroDivisionError
        self.running[subscription.id] = subscription
        try:
            await asyncio.Event().wait()
        finally:
            self.running.pop(subscription.id)

    async def rest(self, _seconds: float) -> None:
        await asyncio.sleep(0.001)

    async def edit(self, subscription_id: str, **changes: object) -> None:
        there = self.subscriptions.by_id[subscription_id]
        after = replace(there, edited_at=self.now, **changes)  # type: ignore[arg-type] # any field
        assert await self.subscriptions.save(there, after)
        await asyncio.sleep(0.02)

    @property
    def deliveries(self) -> Deliveries:
        return Deliveries(
            subscriptions=self.subscriptions,
            deliver=self.deliver,
            traffic=self.traffic,
            clock=lambda: self.now,
            shares=ALL_SHARES - {share_of(one) for one in self.others},
        )

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        running = asyncio.create_task(self.deliveries.run(self.rest))
        await asyncio.sleep(0.1)
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def named(name: str) -> Subscription:
    return a_subscription(id=stable_id("test-subscription", name), edited_at=NOON)


async def test_each_active_subscription_has_one_delivery_and_a_paused_one_none() -> None:
    floor = Floor()
    for one in (named("a"), named("b"), named("paused").paused()):
        await floor.subscriptions.add(one)
    async with floor.run():
        assert set(floor.running) == {named("a").id, named("b").id}
    assert sorted(floor.begun) == sorted({named("a").id, named("b").id})


async def test_deliveries_come_and_go_with_their_subscriptions() -> None:
    floor = Floor()
    async with floor.run():
        await floor.subscriptions.add(named("late"))
        await asyncio.sleep(0.02)
        assert set(floor.running) == {named("late").id}
        await floor.edit(named("late").id, state=named("late").removed().state)
        assert set(floor.running) == set()


async def test_a_changed_subscription_is_delivered_by_what_holds_now() -> None:
    floor = Floor()
    await floor.subscriptions.add(named("a"))
    async with floor.run():
        floor.now += timedelta(seconds=5)
        await floor.edit(named("a").id, endpoint="https://elsewhere.example")
        assert floor.running[named("a").id].endpoint == "https://elsewhere.example"
    assert len(floor.begun) == 2


async def test_a_change_leaves_a_request_in_flight_to_see_for_itself() -> None:
    floor = Floor()
    await floor.subscriptions.add(named("a"))
    async with floor.run():
        floor.traffic.in_flight.add(named("a").id)
        floor.now += timedelta(seconds=5)
        await floor.edit(named("a").id, endpoint="https://elsewhere.example")
    assert len(floor.begun) == 1


async def test_a_cursor_that_moves_begins_nothing_anew() -> None:
    floor = Floor()
    await floor.subscriptions.add(named("a"))
    async with floor.run():
        there = floor.subscriptions.by_id[named("a").id]
        await floor.subscriptions.save(there, there.passed(7))
        floor.now += timedelta(minutes=2)
        await asyncio.sleep(0.02)
    assert len(floor.begun) == 1


async def test_what_is_another_deliverers_is_left_to_it() -> None:
    floor = Floor(others={named("b").id})
    for one in (named("a"), named("b")):
        await floor.subscriptions.add(one)
    async with floor.run():
        assert set(floor.running) == {named("a").id}


async def test_a_delivery_that_fails_on_a_bug_is_begun_again_and_costs_no_other() -> None:
    floor = Floor(failing=named("bad").id)
    for one in (named("good"), named("bad")):
        await floor.subscriptions.add(one)
    async with floor.run():
        assert set(floor.running) == {named("good").id}
    assert floor.begun.count(named("bad").id) > 1
    assert floor.begun.count(named("good").id) == 1


async def test_a_database_that_is_away_is_asked_again() -> None:
    floor = Floor(subscriptions=AwayOnce(), now=NOON + timedelta(hours=1))
    await floor.subscriptions.add(named("a"))
    async with floor.run():
        assert set(floor.running) == {named("a").id}


async def test_stopping_stops_every_delivery() -> None:
    floor = Floor()
    await floor.subscriptions.add(named("a"))
    async with floor.run():
        assert floor.running
    assert floor.running == {}

"""Feeds that nobody reads are shown to oversight, and what ails subscriptions with them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from linkage_contracts.codes import Channel
from linkage_runtime.http.application import build_api
from supervision_push.adapters.pushes.http_oversight import oversight_router
from supervision_push.application.find_unread import UnreadFeed, find_unread
from supervision_push.application.subscription_ports import Reader
from supervision_push.application.write_feed import write_feed
from supervision_push.domain.answer import Cause, Failed
from supervision_push.domain.outcome import unverified
from supervision_push.domain.subscription import SubscriptionState
from tests.unit.feed_fakes import BUREAU, EPOCH, NOON, MemoryFeed, a_subscription, an_entry
from tests.unit.noted import NotedRequests
from tests.unit.subscription_fakes import MemorySubscriptions
from tests.unit.test_feed_http import KEYS, key

DAY = timedelta(days=1)
LATER = NOON + 3 * DAY


@dataclass
class Readers:
    """Who read how far."""

    feed: MemoryFeed = field(default_factory=MemoryFeed)
    confirmed: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    subscriptions: list[Reader] = field(default_factory=list)

    async def recipients(self) -> Sequence[str]:
        return sorted(self.feed.recipients)

    async def pulled(self, epoch: str) -> dict[str, tuple[int, datetime]]:
        assert epoch == EPOCH
        return self.confirmed

    async def subscribed(self) -> list[Reader]:
        return self.subscriptions

    async def tell(self, *offsets: int, at: datetime = NOON) -> None:
        await write_feed([an_entry(offset, stored_at=at) for offset in offsets], feed=self.feed)

    def subscribe(
        self,
        state: SubscriptionState,
        offset: int,
        channel: Channel = Channel.WEBHOOK,
        delivered_at: datetime | None = None,
    ) -> None:
        reader = Reader(
            organisation=BUREAU,
            state=state,
            epoch=EPOCH,
            offset=offset,
            channel=channel,
            delivered_at=delivered_at,
        )
        self.subscriptions.append(reader)

    async def unread(self, unread_after: timedelta = DAY) -> list[UnreadFeed]:
        return await find_unread(
            LATER,
            unread_after,
            readers=self,
            search=self.feed,
            watermarks=self.feed,
            partition_of=lambda _: 0,
        )


async def test_a_feed_that_was_never_read_is_shown_with_its_oldest_entry() -> None:
    readers = Readers()
    await readers.tell(4, 7)
    (unread,) = await readers.unread()
    assert (unread.organisation, unread.oldest.offset, unread.pulled_at) == (BUREAU, 4, None)


async def test_what_was_read_is_not_counted_and_who_reads_is_not_shown() -> None:
    readers = Readers()
    await readers.tell(4, 7)
    readers.confirmed[BUREAU] = (4, NOON)
    assert [one.oldest.offset for one in await readers.unread()] == [7]
    readers.confirmed[BUREAU] = (4, LATER - DAY / 2)
    assert await readers.unread() == []
    readers.confirmed[BUREAU] = (7, NOON)
    assert await readers.unread() == []


async def test_an_entry_that_came_a_moment_ago_is_not_unread_yet() -> None:
    readers = Readers()
    await readers.tell(4, at=LATER - timedelta(hours=2))
    assert await readers.unread() == []
    assert len(await readers.unread(timedelta(hours=1))) == 1


async def test_only_an_active_subscription_reads() -> None:
    for state in (SubscriptionState.PENDING, SubscriptionState.PAUSED, SubscriptionState.DISABLED):
        readers = Readers()
        await readers.tell(4, 7)
        readers.subscribe(state, 4)
        assert [one.oldest.offset for one in await readers.unread()] == [7]
        readers.subscribe(SubscriptionState.ACTIVE, 4)
        assert await readers.unread() == []


async def test_a_name_that_a_feed_may_be_read_under_reads_nothing_by_itself() -> None:
    readers = Readers()
    await readers.tell(4, 7)
    readers.subscribe(SubscriptionState.ACTIVE, 4, Channel.PULL, delivered_at=NOON)
    (unread,) = await readers.unread()
    assert (unread.oldest.offset, unread.pulled_at) == (7, NOON)
    readers.subscribe(SubscriptionState.ACTIVE, 4, Channel.SSE, delivered_at=LATER - DAY / 2)
    assert await readers.unread() == []


async def test_oversight_sees_unread_feeds_and_ailing_subscriptions_and_nobody_else_does() -> None:
    readers, subscriptions = Readers(), MemorySubscriptions()
    await readers.tell(4)
    failure = Failed(cause=Cause.CONNECTION, detail="ConnectError")
    ill = unverified(a_subscription(), failure, at=NOON, chance=0, give_up_after=timedelta(0))
    await subscriptions.add(ill)

    async def close() -> None:
        pass

    app = build_api(
        title="test",
        routers=[oversight_router(subscriptions, readers.unread, DAY)],
        api_keys=KEYS,
        close=close,
        access_log=NotedRequests(),
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://linkage") as http:
        for page in ("unread-feeds", "subscriptions"):
            address = f"/v1/oversight/{page}"
            assert (await http.get(address, headers=key("own"))).status_code == 403
        feeds = (await http.get("/v1/oversight/unread-feeds", headers=key("oversight"))).json()
        none = await http.get(
            "/v1/oversight/unread-feeds", params={"hours": 100}, headers=key("oversight")
        )
        ailing = (await http.get("/v1/oversight/subscriptions", headers=key("oversight"))).json()
    assert [one["organisation"] for one in feeds["feeds"]] == [BUREAU]
    assert none.json() == {"feeds": []}
    (shown,) = ailing["subscriptions"]
    assert (shown["organisation"], shown["state"]) == (BUREAU, "disabled")
    assert (shown["trouble"]["side"], shown["trouble"]["cause"]) == ("receiver", "connection")

"""Subscriptions that are fetched: a cursor kept under a name, with a filter, by pull and SSE."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from httpx_sse import aconnect_sse

from linkage_contracts.codes import Channel
from supervision_push.adapters.feeds.http_events import OpenStreams
from supervision_push.adapters.feeds.http_fetches import fetches_router
from supervision_push.application.read_subscription import FetchPorts
from supervision_push.application.write_feed import write_feed
from tests.unit.feed_fakes import BUREAU, NOON, Recorded, a_push_id, an_entry
from tests.unit.served import served
from tests.unit.test_feed_http import SUBSCRIPTIONS, key
from tests.unit.test_subscription_http import OPENED, RECALLED, Office


@dataclass
class FetchOffice(Office):
    """An office at whose door a feed can be read on as well."""

    recorded: Recorded = field(default_factory=Recorded)

    def __post_init__(self) -> None:
        super().__init__()
        ports = FetchPorts(
            subscriptions=self.desk.subscriptions,
            feed=self.desk.feed,
            search=self.desk.feed,
            watermarks=self.desk.feed,
            record_deliveries=self.recorded.record,
            partition_of=lambda _: 4,
            clock=lambda: NOON,
        )
        self.app.include_router(fetches_router(ports, OpenStreams(2)))

    async def tell(self, *kinds: str) -> None:
        told = len(self.desk.feed.entries)
        await write_feed(
            [an_entry(told + n, partition=4, type=kind) for n, kind in enumerate(kinds)],
            feed=self.desk.feed,
        )


@pytest.fixture
def office() -> FetchOffice:
    return FetchOffice()


@pytest.fixture
async def http(office: FetchOffice) -> AsyncIterator[httpx.AsyncClient]:
    async with served(office.app) as client:
        client.headers["Authorization"] = "Bearer own"
        yield client


async def subscribed(http: httpx.AsyncClient, channel: str = "pull", **more: Any) -> str:
    made = await http.post(SUBSCRIPTIONS, json={"channel": channel} | more)
    assert (made.status_code, made.json()["state"]) == (201, "active"), made.text
    return str(made.headers["Location"])


async def fetched(http: httpx.AsyncClient, address: str, **asked: Any) -> tuple[list[str], str]:
    answer = await http.get(f"{address}/entries", params=asked)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()], answer.headers["Linkage-Cursor"]


def ids(*offsets: int) -> list[str]:
    return [an_entry(offset).id for offset in offsets]


def pushes(*offsets: int) -> tuple[str, ...]:
    return tuple(a_push_id(offset) for offset in offsets)


async def test_it_goes_on_from_what_was_confirmed_and_from_nothing_later(
    http: httpx.AsyncClient, office: FetchOffice
) -> None:
    address = await subscribed(http)
    await office.tell(OPENED, OPENED, OPENED)
    first, cursor = await fetched(http, address, limit=2)
    assert first == ids(0, 1)
    assert (await fetched(http, address))[0] == ids(0, 1, 2)
    assert office.recorded.deliveries == []
    assert (await fetched(http, address, after=cursor))[0] == ids(2)
    assert office.recorded.deliveries == [(BUREAU, pushes(0, 1), Channel.PULL)]
    assert (await fetched(http, address))[0] == ids(2)
    assert office.only.delivered_at == NOON


async def test_an_earlier_cursor_reads_again_and_loses_no_ground(
    http: httpx.AsyncClient, office: FetchOffice
) -> None:
    address = await subscribed(http)
    _, beginning = await fetched(http, address)
    await office.tell(OPENED, OPENED)
    _, end = await fetched(http, address)
    await fetched(http, address, after=end)
    assert (await fetched(http, address, after=beginning))[0] == ids(0, 1)
    assert (await fetched(http, address))[0] == []


async def test_what_the_filter_leaves_out_is_passed_over_and_counts_as_no_delivery(
    http: httpx.AsyncClient, office: FetchOffice
) -> None:
    address = await subscribed(http, filter={"types": [OPENED]})
    await office.tell(*[RECALLED] * 150, OPENED, RECALLED, OPENED, RECALLED)
    first, cursor = await fetched(http, address, limit=1)
    assert first == ids(150)
    second, cursor = await fetched(http, address, after=cursor)
    assert second == ids(152)
    assert (await fetched(http, address, after=cursor))[0] == []
    assert office.only.position.offset == 153
    delivered = [some for _, some, _ in office.recorded.deliveries]
    assert delivered == [pushes(150), pushes(152)]


async def test_a_wait_ends_with_the_first_entry_that_is_wanted(
    http: httpx.AsyncClient, office: FetchOffice
) -> None:
    address = await subscribed(http, filter={"types": [OPENED]})
    waiting = asyncio.create_task(fetched(http, address, wait=20))
    await asyncio.sleep(0.05)
    await office.tell(RECALLED)
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await office.tell(OPENED)
    async with asyncio.timeout(5):
        assert (await waiting)[0] == ids(1)


async def test_several_names_go_on_each_for_itself(
    http: httpx.AsyncClient, office: FetchOffice
) -> None:
    await office.tell(OPENED)
    city = await subscribed(http, name="市局")
    county = await subscribed(http, name="县局", start="now")
    await office.tell(OPENED)
    _, cursor = await fetched(http, city)
    await fetched(http, city, after=cursor)
    assert (await fetched(http, city))[0] == []
    assert (await fetched(http, county))[0] == ids(1)


async def test_a_deliverer_has_nothing_to_do_for_what_is_fetched(
    http: httpx.AsyncClient, office: FetchOffice
) -> None:
    await subscribed(http)
    await subscribed(http, "sse")
    sent = await subscribed(http, "kafka")
    assert [f"{SUBSCRIPTIONS}/{one}" for one in await office.desk.subscriptions.delivering()] == [
        sent
    ]


async def test_a_paused_one_is_not_read_and_keeps_its_place(
    http: httpx.AsyncClient, office: FetchOffice
) -> None:
    address = await subscribed(http)
    assert (await http.post(f"{address}:pause")).json()["state"] == "paused"
    await office.tell(OPENED)
    refused = await http.get(f"{address}/entries")
    assert (refused.status_code, "暂停" in refused.text) == (409, True)
    assert (await http.post(f"{address}:resume")).json()["state"] == "active"
    assert (await fetched(http, address))[0] == ids(0)


@pytest.mark.parametrize(("channel", "path"), [("sse", "entries"), ("kafka", "entries")])
async def test_what_is_read_elsewhere_or_sent_is_not_read_here(
    http: httpx.AsyncClient, channel: str, path: str
) -> None:
    address = await subscribed(http, channel)
    assert (await http.get(f"{address}/{path}")).status_code == 409


async def test_nobody_reads_under_anothers_name(http: httpx.AsyncClient) -> None:
    for channel, path in (("pull", "entries"), ("sse", "events")):
        address = await subscribed(http, channel)
        refused = await http.get(f"{address}/{path}", headers=key("other"))
        assert refused.status_code == 404


@pytest.mark.parametrize("act", [":test", ":replay"])
async def test_what_is_never_sent_is_neither_tried_nor_sent_again(
    http: httpx.AsyncClient, act: str
) -> None:
    address = await subscribed(http)
    refused = await http.post(f"{address}{act}", json={"from": NOON.isoformat()})
    assert (refused.status_code, "游标" in refused.text) == (422, True)


async def test_where_the_feeds_were_numbered_anew_a_cursor_is_void_and_none_begins_again(
    http: httpx.AsyncClient, office: FetchOffice
) -> None:
    address = await subscribed(http)
    await office.tell(OPENED)
    _, cursor = await fetched(http, address)
    await fetched(http, address, after=cursor)
    office.desk.feed.current_epoch = "e2"
    void = await http.get(f"{address}/entries", params={"after": cursor})
    assert (void.status_code, void.json()["resync"]) == (410, f"{address}/entries")
    again, cursor = await fetched(http, address)
    assert again == ids(0)
    await fetched(http, address, after=cursor)
    assert office.only.position.epoch == "e2"


async def streamed(http: httpx.AsyncClient, address: str, count: int, **headers: str) -> list[Any]:
    events: list[Any] = []
    async with (
        asyncio.timeout(5),
        aconnect_sse(http, "GET", f"{address}/events", headers=headers) as source,
    ):
        async for event in source.aiter_sse():
            events += [event] if event.id else []
            if len(events) == count:
                break
    return events


async def test_a_stream_goes_on_behind_its_last_event_and_without_one_behind_what_was_confirmed(
    http: httpx.AsyncClient, office: FetchOffice
) -> None:
    address = await subscribed(http, "sse", filter={"types": [OPENED]})
    await office.tell(OPENED, RECALLED, OPENED, OPENED)
    first = await streamed(http, address, 2)
    assert [one.json()["id"] for one in first] == ids(0, 2)
    assert office.recorded.deliveries == []
    (third,) = await streamed(http, address, 1, **{"Last-Event-ID": first[-1].id})
    assert third.json()["id"] == ids(3)[0]
    assert office.recorded.deliveries == [(BUREAU, pushes(0, 2), Channel.SSE)]
    (again,) = await streamed(http, address, 1)
    assert again.json()["id"] == ids(3)[0]

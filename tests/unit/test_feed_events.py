"""A feed as server-sent events, read by an off-the-shelf client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from httpx_sse import EventSource, ServerSentEvent, aconnect_sse

from linkage_contracts.codes import Channel
from linkage_runtime.errors import TransientError
from linkage_runtime.http.application import build_api
from supervision_push.adapters.feeds import http_events
from supervision_push.adapters.feeds.http_events import OpenStreams, events_router
from supervision_push.application.read_feed import FeedPage, ReadFeed
from supervision_push.application.write_feed import write_feed
from supervision_push.domain.cursor import Cursor
from tests.unit.feed_fakes import BUREAU, EPOCH, a_push_id, an_entry
from tests.unit.noted import NotedRequests
from tests.unit.served import served
from tests.unit.test_feed_http import KEYS, Door, key

EVENTS = f"/v1/feeds/{BUREAU}/events"
MOST = 2


class StreamDoor(Door):
    """The route of events alone; the database goes away when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.app = build_api(
            title="test",
            routers=[events_router(self.read, OpenStreams(MOST))],
            api_keys=KEYS,
            close=self.close,
            access_log=NotedRequests(),
        )

    async def read(self, query: ReadFeed) -> FeedPage:
        page = await super().read(query)
        if self.away:
            raise TransientError("MongoDB is away")
        return page


@pytest.fixture
def door() -> StreamDoor:
    return StreamDoor()


@pytest.fixture
async def http(door: StreamDoor) -> AsyncIterator[httpx.AsyncClient]:
    async with served(door.app) as client:
        client.headers["Authorization"] = "Bearer own"
        yield client


@asynccontextmanager
async def stream(
    http: httpx.AsyncClient, after: str | None = None, by: str = "own"
) -> AsyncIterator[EventSource]:
    headers = key(by) | ({"Last-Event-ID": after} if after else {})
    async with aconnect_sse(http, "GET", EVENTS, headers=headers) as source:
        yield source


async def take(source: EventSource, count: int) -> list[ServerSentEvent]:
    events: list[ServerSentEvent] = []
    async with asyncio.timeout(5):
        async for event in source.aiter_sse():
            if event.id:
                events.append(event)
            if len(events) == count:
                break
    return events


async def test_entries_come_as_they_are_written_and_each_carries_the_cursor_behind_it(
    http: httpx.AsyncClient, door: StreamDoor
) -> None:
    await write_feed([an_entry(0)], feed=door.feed)
    async with stream(http) as source:
        events = source.aiter_sse()
        hint = await anext(events)
        assert (hint.retry, hint.data) == (2_000, "")
        first = await anext(events)
        await write_feed([an_entry(1)], feed=door.feed)
        second = await asyncio.wait_for(anext(events), 5)
    assert [first.json(), second.json()] == [{"id": an_entry(0).id}, {"id": an_entry(1).id}]
    assert {first.event, second.event} == {"linkage.feed.push-opened.v1"}
    assert [first.id, second.id] == [
        Cursor(epoch=EPOCH, partition=0, offset=offset).encode() for offset in (0, 1)
    ]


async def test_the_last_event_id_goes_on_behind_it_and_confirms_what_lies_before(
    http: httpx.AsyncClient, door: StreamDoor
) -> None:
    await write_feed([an_entry(0), an_entry(1), an_entry(2)], feed=door.feed)
    async with stream(http) as source:
        events = await take(source, 2)
    assert door.recorded.deliveries == []
    async with stream(http, events[-1].id) as source:
        (third,) = await take(source, 1)
    assert third.json() == {"id": an_entry(2).id}
    pushes = (a_push_id(0), a_push_id(1))
    assert door.recorded.deliveries == [(BUREAU, pushes, Channel.SSE)]


async def test_oversight_watches_without_confirming(
    http: httpx.AsyncClient, door: StreamDoor
) -> None:
    await write_feed([an_entry(0), an_entry(1)], feed=door.feed)
    begun = Cursor(epoch=EPOCH, partition=0, offset=0).encode()
    async with stream(http, begun, by="oversight") as source:
        await take(source, 1)
    assert door.recorded.deliveries == []


async def test_the_header_is_a_later_word_than_the_address(
    http: httpx.AsyncClient, door: StreamDoor
) -> None:
    await write_feed([an_entry(0), an_entry(1), an_entry(2)], feed=door.feed)
    ids = [Cursor(epoch=EPOCH, partition=0, offset=offset).encode() for offset in (0, 1)]
    async with aconnect_sse(http, "GET", EVENTS, params={"after": ids[0]}) as source:
        assert (await take(source, 1))[0].id == ids[1]
    again = {"Last-Event-ID": ids[1]}
    async with aconnect_sse(http, "GET", EVENTS, params={"after": ids[0]}, headers=again) as source:
        assert (await take(source, 1))[0].json() == {"id": an_entry(2).id}


async def test_a_cursor_of_another_epoch_is_gone_and_a_bad_one_refused(
    http: httpx.AsyncClient,
) -> None:
    old = Cursor(epoch="old", partition=0, offset=3).encode()
    gone = await http.get(EVENTS, headers={"Last-Event-ID": old})
    assert (gone.status_code, gone.json()["resync"]) == (410, f"/v1/feeds/{BUREAU}/entries")
    assert (await http.get(EVENTS, params={"after": "nonsense"})).status_code == 422
    assert (await http.get(EVENTS, headers=key("other"))).status_code == 403


async def test_one_stream_too_many_is_refused_until_another_ends(http: httpx.AsyncClient) -> None:
    async with stream(http) as first, stream(http):
        await anext(first.aiter_sse())
        refused = await http.get(EVENTS)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
    async with asyncio.timeout(5):
        while True:
            async with http.stream("GET", EVENTS) as again:
                if again.status_code == 200:
                    break
            await asyncio.sleep(0.01)


async def test_a_silent_stream_sends_heartbeats(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_events, "HEARTBEAT_SECONDS", 0.05)
    async with asyncio.timeout(5), http.stream("GET", EVENTS) as answer:
        beats = 0
        async for line in answer.aiter_lines():
            beats += line.startswith(":")
            if beats == 3:
                break


async def test_a_stream_ends_by_itself_so_that_its_client_comes_back_and_confirms(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_events, "LONGEST_STREAM_SECONDS", 0.1)
    async with asyncio.timeout(5), stream(http) as source:
        assert [event.retry async for event in source.aiter_sse()] == [2_000]


async def test_a_database_that_goes_away_ends_the_stream_and_not_in_the_middle_of_an_event(
    http: httpx.AsyncClient, door: StreamDoor
) -> None:
    async with asyncio.timeout(5), stream(http) as source:
        events = source.aiter_sse()
        await anext(events)
        door.away = True
        await write_feed([an_entry(0)], feed=door.feed)
        assert [event async for event in events] == []

"""Feeds and subscriptions over HTTP: who may, what is answered, and with which status."""

from collections.abc import AsyncIterator

import httpx
import pytest

from linkage_runtime.access import Caller, Scope
from linkage_runtime.http.application import build_api
from supervision_push.adapters.feeds.http_feeds import feeds_router
from supervision_push.adapters.subscriptions.http_subscriptions import subscriptions_router
from supervision_push.application.read_feed import FeedPage, ReadFeed, read_feed
from supervision_push.application.write_feed import write_feed
from supervision_push.domain.cursor import Cursor
from tests.unit.feed_desk import KeysByName, SubscriptionDesk
from tests.unit.feed_fakes import BUREAU, EPOCH, NOON, MemoryFeed, Recorded, an_entry
from tests.unit.noted import NotedRequests

OTHER = "11450721MB0000002B"


def a_caller(organisation: str, scope: Scope) -> Caller:
    return Caller(
        key_id="1",
        organisation=organisation,
        name="某局",
        scopes=frozenset({scope}),
        authorities=frozenset(),
    )


KEYS = KeysByName(
    {
        "own": a_caller(BUREAU, Scope.READ_FEED),
        "other": a_caller(OTHER, Scope.READ_FEED),
        "oversight": a_caller(OTHER, Scope.OVERSEE),
    }
)
HOOK = "https://supervisor.example/hook"
ENTRIES = f"/v1/feeds/{BUREAU}/entries"
SUBSCRIPTIONS = "/v1/subscriptions"


class Door:
    """The two routers on an application, with everything behind them in memory."""

    def __init__(self) -> None:
        self.feed, self.recorded, self.desk = MemoryFeed(), Recorded(), SubscriptionDesk()
        self.app = build_api(
            title="test",
            routers=[
                feeds_router(self.read),
                subscriptions_router(self.desk.ports),
            ],
            api_keys=KEYS,
            close=self.close,
            access_log=NotedRequests(),
        )

    async def read(self, query: ReadFeed) -> FeedPage:
        return await read_feed(
            query,
            feed=self.feed,
            watermarks=self.feed,
            positions=self.feed,
            record_deliveries=self.recorded.record,
            partition_of=lambda _: 0,
            clock=lambda: NOON,
        )

    async def close(self) -> None:
        pass


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def http(door: Door) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=door.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://linkage") as client:
        client.headers["Authorization"] = "Bearer own"
        yield client


def key(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {name}"}


async def test_a_feed_is_a_cloudevents_batch_with_the_next_cursor(
    http: httpx.AsyncClient, door: Door
) -> None:
    await write_feed([an_entry(0), an_entry(1)], feed=door.feed)
    first = await http.get(ENTRIES, params={"limit": 1})
    assert first.headers["content-type"] == "application/cloudevents-batch+json"
    assert [one["id"] for one in first.json()] == [an_entry(0).id]
    after = {"after": first.headers["Linkage-Cursor"]}
    second = await http.get(ENTRIES, params=after)
    assert [one["id"] for one in second.json()] == [an_entry(1).id]
    assert [len(pushes) for _, pushes, _ in door.recorded.deliveries] == [1]


async def test_an_empty_feed_gives_a_cursor_to_go_on_with(http: httpx.AsyncClient) -> None:
    answer = await http.get(ENTRIES)
    assert answer.json() == []
    again = await http.get(ENTRIES, params={"after": answer.headers["Linkage-Cursor"]})
    assert again.headers["Linkage-Cursor"] == answer.headers["Linkage-Cursor"]


@pytest.mark.parametrize("after", ["nonsense", "", Cursor(epoch=EPOCH, partition=3).encode()])
async def test_a_bad_cursor_is_named_as_a_fault(http: httpx.AsyncClient, after: str) -> None:
    answer = await http.get(ENTRIES, params={"after": after})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/after"


async def test_a_cursor_of_another_epoch_is_gone_and_says_where_to_begin(
    http: httpx.AsyncClient,
) -> None:
    old = Cursor(epoch="old", partition=0, offset=3).encode()
    answer = await http.get(ENTRIES, params={"after": old})
    assert answer.status_code == 410
    assert answer.headers["Link"] == f'<{ENTRIES}>; rel="first"'
    assert answer.json()["resync"] == ENTRIES


async def test_an_organisation_sees_its_own_feed_only_and_oversight_sees_all(
    http: httpx.AsyncClient, door: Door
) -> None:
    await write_feed([an_entry(0)], feed=door.feed)
    assert (await http.get(ENTRIES, headers=key("other"))).status_code == 403
    assert (await http.get(ENTRIES, headers=key("nobody"))).status_code == 401
    watched = await http.get(ENTRIES, headers=key("oversight"))
    after = {"after": watched.headers["Linkage-Cursor"]}
    assert (await http.get(ENTRIES, params=after, headers=key("oversight"))).status_code == 200
    assert door.recorded.deliveries == []


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1001}, {"wait": 31}, {"wait": -1}])
async def test_limits_are_limits(http: httpx.AsyncClient, query: dict[str, int]) -> None:
    assert (await http.get(ENTRIES, params=query)).status_code == 422


async def test_a_subscription_is_made_shown_and_removed(http: httpx.AsyncClient) -> None:
    made = await http.post(SUBSCRIPTIONS, json={"channel": "webhook", "endpoint": HOOK})
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    address = made.headers["Location"]
    again = await http.post(SUBSCRIPTIONS, json={"channel": "webhook", "endpoint": HOOK})
    assert (again.status_code, "secret" in again.json()) == (200, False)
    shown = (await http.get(address)).json()
    assert (shown["id"], shown["state"]) == (made.json()["id"], "pending")
    assert (await http.get(SUBSCRIPTIONS)).json() == {"subscriptions": [shown]}
    assert "secret" not in str(shown)
    assert (await http.delete(address)).status_code == 204
    assert (await http.get(address)).status_code == 404


async def test_nobody_sees_or_removes_anothers_subscription(http: httpx.AsyncClient) -> None:
    made = await http.post(SUBSCRIPTIONS, json={"channel": "kafka"})
    address = made.headers["Location"]
    assert (await http.get(address, headers=key("other"))).status_code == 404
    assert (await http.delete(address, headers=key("other"))).status_code == 404
    theirs = await http.get(SUBSCRIPTIONS, headers=key("other"))
    assert theirs.json() == {"subscriptions": []}
    assert (await http.get(address)).json()["topic"] == f"linkage.feed.{BUREAU}"


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        ({"channel": "webhook"}, "/endpoint"),
        ({"channel": "kafka", "endpoint": HOOK}, "/endpoint"),
        ({"channel": "webhook", "endpoint": "https://inside.example"}, "/endpoint"),
        ({"channel": "pull", "endpoint": HOOK}, "/endpoint"),
        ({"channel": "fax"}, "/channel"),
        ({"channel": "kafka", "colour": "red"}, "/colour"),
        ({"channel": "kafka", "start": "2026-01-01T00:00:00"}, "/start"),
    ],
)
async def test_what_cannot_be_subscribed_is_named(
    http: httpx.AsyncClient, door: Door, wanted: dict[str, str], pointer: str
) -> None:
    door.desk.forbidden.add("https://inside.example")
    answer = await http.post(SUBSCRIPTIONS, json=wanted)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]

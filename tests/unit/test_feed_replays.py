"""A whole feed delivered again, for an organisation that lost its database; counted first."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from linkage_runtime.access import Scope
from linkage_runtime.http.application import build_api
from supervision_push.adapters.subscriptions.http_replays import replays_router
from supervision_push.application.replay_to_organisation import ReplayPorts, ReplayToOrganisation
from supervision_push.application.write_feed import write_feed
from supervision_push.domain.subscription import Subscription
from tests.unit.feed_desk import KeysByName, SubscriptionDesk
from tests.unit.feed_fakes import BUREAU, NOON, an_entry
from tests.unit.noted import NotedRequests
from tests.unit.test_feed_http import HOOK, a_caller

REPLAY = f"/v1/feeds/{BUREAU}:replay"
KEYS = KeysByName(
    {"admin": a_caller("admin", Scope.ADMINISTER), "own": a_caller(BUREAU, Scope.READ_FEED)}
)


@dataclass
class Noted:
    replays: list[tuple[str, int]] = field(default_factory=list)

    async def note(self, command: ReplayToOrganisation, entries: int, at: datetime) -> None:
        assert at == NOON
        self.replays.append((f"{command.by}: {command.why}", entries))


@pytest.fixture
def desk() -> SubscriptionDesk:
    return SubscriptionDesk()


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
async def http(desk: SubscriptionDesk, noted: Noted) -> AsyncIterator[httpx.AsyncClient]:
    async def close() -> None:
        pass

    ports = ReplayPorts(
        subscriptions=desk.subscriptions,
        search=desk.feed,
        watermarks=desk.feed,
        replays=noted,
        partition_of=lambda _: 4,
        clock=lambda: NOON,
    )
    app = build_api(
        title="test",
        routers=[replays_router(ports)],
        api_keys=KEYS,
        close=close,
        access_log=NotedRequests(),
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://linkage") as client:
        client.headers["Authorization"] = "Bearer admin"
        yield client


async def _delivered(desk: SubscriptionDesk, upto: int) -> Subscription:
    """Ten entries, one an hour, of which a webhook has some."""
    await write_feed(
        [replace(an_entry(n), partition=4, stored_at=NOON + timedelta(hours=n)) for n in range(10)],
        feed=desk.feed,
    )
    made = (await desk.webhook(HOOK)).subscription
    there = replace(made, position=made.position.at(upto))
    desk.subscriptions.by_id[made.id] = there
    return there


def asked(hour: int, **more: Any) -> dict[str, Any]:
    since = (NOON + timedelta(hours=hour)).isoformat()
    return {"since": since, "by": "ops-3", "why": "数据库丢失"} | more


async def test_it_is_counted_first_and_nothing_moves(
    http: httpx.AsyncClient, desk: SubscriptionDesk, noted: Noted
) -> None:
    there = await _delivered(desk, 6)
    told = (await http.post(REPLAY, json=asked(2))).json()
    assert (told["entries"], told["subscriptions"][0]["entries"]) == (8, 5)
    assert not told["subscriptions"][0]["replaying"]
    assert desk.subscriptions.by_id[there.id] == there
    assert noted.replays == []


async def test_the_subscription_goes_back_and_on_again_and_it_is_noted_who_wanted_it(
    http: httpx.AsyncClient, desk: SubscriptionDesk, noted: Noted
) -> None:
    there = await _delivered(desk, 6)
    told = (await http.post(REPLAY, json=asked(2, dry_run=False))).json()
    assert told["subscriptions"][0]["replaying"]
    moved = desk.subscriptions.by_id[there.id]
    assert (moved.position.offset, moved.reached) == (1, 6)
    assert moved.passed(6).position.offset == 6
    assert noted.replays == [("ops-3: 数据库丢失", 8)]
    (*_, change) = desk.subscriptions.changes[there.id]
    assert (change.by, change.detail) == ("ops-3", "数据库丢失")


async def test_a_cursor_says_from_where_as_well_as_a_time(
    http: httpx.AsyncClient, desk: SubscriptionDesk
) -> None:
    there = await _delivered(desk, 6)
    wanted = {"cursor": there.position.at(4).encode(), "by": "ops-3", "why": "数据库丢失"}
    assert (await http.post(REPLAY, json=wanted)).json()["entries"] == 5
    foreign = replace(there.position, partition=3).encode()
    assert (await http.post(REPLAY, json=wanted | {"cursor": foreign})).status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"cursor": "x"},
        {"by": "450721190001010010"},
        {"since": None},
        {"why": " "},
    ],
)
async def test_what_cannot_be_meant_is_refused(
    http: httpx.AsyncClient, wrong: dict[str, Any]
) -> None:
    assert (await http.post(REPLAY, json=asked(0) | wrong)).status_code == 422


async def test_only_the_operator_may(http: httpx.AsyncClient) -> None:
    own = {"Authorization": "Bearer own"}
    assert (await http.post(REPLAY, json=asked(0), headers=own)).status_code == 403


async def test_a_second_replay_drops_nothing_of_the_first(desk: SubscriptionDesk) -> None:
    there = await _delivered(desk, 9)
    first = there.replayed(0, 4).passed(2)
    second = first.replayed(6, 8)
    # 3 and 4 were still to come; 7 and 8 are wanted now.
    assert second.position.offset == 2
    assert second.reached == 9
    assert second.passed(7).position.offset == 7
    assert second.passed(8).position.offset == 9

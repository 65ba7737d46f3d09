"""Subscriptions over HTTP: settings, history, pause, rotation, test, replay, parked entries."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from linkage_runtime.http.application import build_api
from supervision_push.adapters.subscriptions.http_subscription_acts import (
    ActPorts,
    acts_on_subscriptions_router,
)
from supervision_push.adapters.subscriptions.http_subscriptions import subscriptions_router
from supervision_push.application.write_feed import write_feed
from supervision_push.domain.answer import Accepted, Cause, Failed, Outcome
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.subscription import Parked, Subscription
from tests.unit.feed_desk import SubscriptionDesk
from tests.unit.feed_fakes import BUREAU, NOON, an_entry
from tests.unit.noted import NotedRequests
from tests.unit.test_feed_http import HOOK, KEYS, SUBSCRIPTIONS, key

OPENED, RECALLED = "linkage.feed.push-opened.v1", "linkage.feed.push-recalled.v1"


@dataclass
class Trier:
    """Answers every test alike."""

    outcome: Outcome = field(default_factory=Accepted)
    sent: list[str] = field(default_factory=list)

    async def send(self, subscription: Subscription, entries: Sequence[StoredEntry]) -> Outcome:
        self.sent += [f"{subscription.id}: {entry.type}" for entry in entries]
        return self.outcome


class Office:
    """Where an organisation runs its subscriptions, with everything behind it in memory."""

    def __init__(self) -> None:
        self.desk, self.trier = SubscriptionDesk(), Trier()
        acts = ActPorts(
            subscriptions=self.desk.subscriptions,
            feed=self.desk.feed,
            search=self.desk.feed,
            sender=self.trier,
            seal=self.desk.secrets.seal,
            clock=lambda: NOON,
            overlap=timedelta(hours=24),
        )
        self.app = build_api(
            title="test",
            routers=[acts_on_subscriptions_router(acts), subscriptions_router(self.desk.ports)],
            api_keys=KEYS,
            close=self.close,
            access_log=NotedRequests(),
        )

    async def close(self) -> None:
        pass

    @property
    def only(self) -> Subscription:
        (only,) = self.desk.subscriptions.by_id.values()
        return only

    def stands(self, **changes: object) -> None:
        """As a deliverer would have left it."""
        after = replace(self.only, **changes)  # type: ignore[arg-type] # any field
        self.desk.subscriptions.by_id[after.id] = after


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
async def http(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=office.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://linkage") as client:
        client.headers["Authorization"] = "Bearer own"
        yield client


async def subscribed(http: httpx.AsyncClient, **more: Any) -> str:
    made = await http.post(SUBSCRIPTIONS, json={"channel": "webhook", "endpoint": HOOK} | more)
    assert made.status_code == 201, made.text
    return str(made.headers["Location"])


async def test_what_was_chosen_is_shown(http: httpx.AsyncClient) -> None:
    chosen = {
        "name": "市级数据仓库",
        "filter": {
            "items": ["000131902000"],
            "regions": ["450700"],
            "types": [OPENED],
            "risk_classes": ["D"],
        },
        "batch_size": 20,
        "delay_seconds": 1.5,
        "requests_per_second": 2.0,
    }
    shown = (await http.get(await subscribed(http, **chosen))).json()
    assert {name: shown[name] for name in chosen} == chosen


async def test_a_change_keeps_what_it_does_not_name_and_null_gives_the_default(
    http: httpx.AsyncClient,
) -> None:
    address = await subscribed(http, batch_size=20, requests_per_second=2.0)
    changed = await http.patch(address, json={"batch_size": 30, "requests_per_second": None})
    assert changed.status_code == 200
    assert changed.json()["batch_size"] == 30
    assert changed.json()["endpoint"] == HOOK
    assert "requests_per_second" not in changed.json()


async def test_a_new_endpoint_must_answer_a_test_before_anything_goes_there(
    http: httpx.AsyncClient, office: Office
) -> None:
    address = await subscribed(http)
    assert (await http.post(f"{address}:test")).json() == {
        "outcome": "processed",
        "state": "active",
    }
    moved = await http.patch(address, json={"endpoint": "https://new.example/hook"})
    assert moved.json()["state"] == "pending"
    office.desk.forbidden.add("https://inside.example")
    refused = await http.patch(address, json={"endpoint": "https://inside.example"})
    assert refused.json()["errors"][0]["pointer"] == "/endpoint"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"batch_size": 0}, "/batch_size"),
        ({"filter": {"types": ["nonsense"]}}, "/filter/types/0"),
        ({"filter": {"regions": ["4507"]}}, "/filter/regions/0"),
        ({"endpoint": None}, "/endpoint"),
        ({"channel": "kafka"}, "/channel"),
        ({"requests_per_second": 0}, "/requests_per_second"),
    ],
)
async def test_a_change_that_does_not_fit_is_named(
    http: httpx.AsyncClient, body: dict[str, Any], pointer: str
) -> None:
    refused = await http.patch(await subscribed(http), json=body)
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json()["errors"]] == [pointer]


async def test_a_failed_test_says_whose_fault_it_was_and_activates_nothing(
    http: httpx.AsyncClient, office: Office
) -> None:
    office.trier.outcome = Failed(cause=Cause.STATUS, detail="HTTP 401")
    said = (await http.post(f"{await subscribed(http)}:test")).json()
    assert said == {
        "outcome": "failed",
        "side": "receiver",
        "cause": "status",
        "detail": "HTTP 401",
        "state": "pending",
    }
    assert office.trier.sent == [f"{office.only.id}: linkage.subscription.test.v1"]


async def test_pausing_keeps_the_place_and_resuming_goes_on(
    http: httpx.AsyncClient, office: Office
) -> None:
    address = await subscribed(http)
    await http.post(f"{address}:test")
    cursor = (await http.get(address)).json()["cursor"]
    paused = (await http.post(f"{address}:pause")).json()
    assert (paused["state"], paused["cursor"]) == ("paused", cursor)
    assert (await http.post(f"{address}:pause")).json()["state"] == "paused"
    assert (await http.post(f"{address}:resume")).json()["state"] == "active"


async def test_what_was_never_verified_is_not_active_after_a_pause(http: httpx.AsyncClient) -> None:
    address = await subscribed(http)
    await http.post(f"{address}:pause")
    assert (await http.post(f"{address}:resume")).json()["state"] == "pending"


async def test_every_change_is_remembered_with_who_and_when_also_after_removal(
    http: httpx.AsyncClient,
) -> None:
    address = await subscribed(http)
    await http.patch(address, json={"delay_seconds": 2, "batch_size": 9})
    await http.post(f"{address}:pause")
    await http.delete(address)
    assert (await http.get(address)).status_code == 404
    changes = (await http.get(f"{address}/history")).json()["changes"]
    assert [line["what"] for line in changes] == ["created", "changed", "paused", "removed"]
    assert changes[1]["detail"] == "batch_size, delay_seconds"
    assert {line["by"] for line in changes} == {"1"}
    assert (await http.get(f"{address}/history", headers=key("other"))).status_code == 404


async def test_a_rotated_secret_is_shown_once_and_the_old_one_still_signs(
    http: httpx.AsyncClient, office: Office
) -> None:
    address = await subscribed(http)
    rotated = (await http.post(f"{address}:rotate-secret")).json()
    both = [office.desk.secrets.open(office.only.id, box) for box in office.only.secrets_at(NOON)]
    assert both[0] == rotated["secret"] != both[1]
    assert len(office.only.secrets_at(NOON + timedelta(hours=24))) == 1
    assert "secret" not in (await http.get(address)).json()


async def test_only_webhooks_have_a_secret(http: httpx.AsyncClient) -> None:
    made = await http.post(SUBSCRIPTIONS, json={"channel": "kafka"})
    assert (await http.post(f"{made.headers['Location']}:rotate-secret")).status_code == 422


@pytest.mark.parametrize(
    "act", [":pause", ":resume", ":rotate-secret", ":test", "/parked:redeliver"]
)
async def test_nobody_acts_on_anothers_subscription(http: httpx.AsyncClient, act: str) -> None:
    address = await subscribed(http)
    refused = await http.post(f"{address}{act}", json={}, headers=key("other"))
    assert refused.status_code == 404


async def hours_of_entries(office: Office) -> None:
    kinds = [OPENED, RECALLED, OPENED, OPENED, OPENED]
    await write_feed(
        [
            an_entry(n, partition=4, type=kind, stored_at=NOON + timedelta(hours=n))
            for n, kind in enumerate(kinds)
        ],
        feed=office.desk.feed,
    )


def window(first: int, end: int | None = None) -> dict[str, Any]:
    start = {"from": (NOON + timedelta(hours=first)).isoformat()}
    return start | ({"to": (NOON + timedelta(hours=end)).isoformat()} if end is not None else {})


async def test_a_replay_counts_first_and_only_what_the_filter_lets_through(
    http: httpx.AsyncClient, office: Office
) -> None:
    address = await subscribed(http, filter={"types": [OPENED]})
    await hours_of_entries(office)
    office.stands(position=office.only.position.at(3))
    counted = (await http.post(f"{address}:replay", json=window(0))).json()
    assert counted == {"entries": 4, "wanted": 3, "replaying": False}
    assert office.only.position.offset == 3
    assert (await http.post(f"{address}:replay", json=window(4))).json()["entries"] == 0


async def test_a_replay_moves_the_cursor_back_to_the_window_and_knows_where_to_go_on(
    http: httpx.AsyncClient, office: Office
) -> None:
    address = await subscribed(http)
    await hours_of_entries(office)
    office.stands(position=office.only.position.at(4))
    asked = window(1, 3) | {"dry_run": False}
    assert (await http.post(f"{address}:replay", json=asked)).json()["wanted"] == 2
    assert office.only.position.offset == 0
    assert office.only.passed(1).position.offset == 1
    assert office.only.passed(2).position.offset == 4


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_moment_that_no_database_reckons_with_is_refused(
    http: httpx.AsyncClient, moment: str
) -> None:
    address = await subscribed(http)
    answer = await http.post(f"{address}:replay", json={"from": moment})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/from")
    wanted = {"channel": "kafka", "name": "other", "start": moment}
    answer = await http.post("/v1/subscriptions", json=wanted)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/start")


async def test_an_organisation_has_so_many_subscriptions_and_no_more(
    http: httpx.AsyncClient, office: Office
) -> None:
    def named(number: int) -> dict[str, str]:
        return {"channel": "kafka", "name": f"n{number}"}

    for number in range(50):
        assert (await http.post("/v1/subscriptions", json=named(number))).status_code == 201
    assert (await http.post("/v1/subscriptions", json=named(50))).status_code == 409
    assert len(office.desk.topics) == 50
    again = await http.post("/v1/subscriptions", json=named(7))
    assert again.status_code == 200
    await http.delete(f"/v1/subscriptions/{again.json()['id']}")
    assert (await http.post("/v1/subscriptions", json=named(50))).status_code == 201


async def parked_at_two(http: httpx.AsyncClient, office: Office) -> str:
    address = await subscribed(http)
    await hours_of_entries(office)
    held = Parked(
        party=an_entry(0).party, first=2, since=NOON, cause=Cause.REFUSED, detail="HTTP 422"
    )
    office.stands(position=office.only.position.at(3), parked=(held,))
    return address


async def test_parked_entries_are_shown_by_party_up_to_the_cursor(
    http: httpx.AsyncClient, office: Office
) -> None:
    address = await parked_at_two(http, office)
    (shown,) = (await http.get(f"{address}/parked")).json()["parked"]
    ids = [entry["id"] for entry in shown["entries"]]
    assert ids == [an_entry(2, partition=4).id, an_entry(3, partition=4).id]
    assert (shown["offset"], shown["cause"], shown["detail"]) == (2, "refused", "HTTP 422")


async def test_parked_entries_are_asked_for_again(http: httpx.AsyncClient, office: Office) -> None:
    address = await parked_at_two(http, office)
    assert (await http.post(f"{address}/parked:redeliver", json={"offset": 9})).status_code == 404
    assert (await http.post(f"{address}/parked:redeliver", json={})).status_code == 200
    assert [one.redeliver for one in office.only.parked] == [True]


async def test_what_is_discarded_is_one_entry_with_a_reason_and_its_party_goes_on(
    http: httpx.AsyncClient, office: Office
) -> None:
    address = await parked_at_two(http, office)
    assert (await http.post(f"{address}/parked:discard", json={"offset": 2})).status_code == 422
    given_up = {"offset": 2, "reason": "重复的许可"}
    assert (await http.post(f"{address}/parked:discard", json=given_up)).status_code == 200
    assert [(one.first, one.redeliver) for one in office.only.parked] == [(3, True)]
    history = await office.desk.subscriptions.history(office.only.id, BUREAU)
    assert history[-1].detail == "offset 2: 重复的许可"


async def test_the_same_name_with_other_settings_is_a_conflict_that_says_where(
    http: httpx.AsyncClient,
) -> None:
    address = await subscribed(http, name="a")
    wanted = {"channel": "webhook", "endpoint": f"{HOOK}/other", "name": "a"}
    refused = await http.post(SUBSCRIPTIONS, json=wanted)
    assert (refused.status_code, refused.json()["existing"]) == (409, address)

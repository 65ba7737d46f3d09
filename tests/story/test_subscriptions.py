"""A regulator runs its own subscriptions, with a Standard Webhooks verifier and plain HTTP."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from supervision_push.application.run_deliveries import REFRESH_SECONDS
from tests.story.endpoint import OPENED, Endpoint
from tests.story.organisations import Organisation, eventually

pytestmark = pytest.mark.story

TEST = "linkage.subscription.test.v1"
PUSH = "supervision-push"


@pytest.fixture
def endpoint() -> Iterator[tuple[Endpoint, str]]:
    receiver = Endpoint()
    with receiver.listening() as address:
        yield receiver, address


@dataclass
class Subscriber:
    """One subscription of the regulator's, and the decisions of a bureau that it is told of."""

    bureau: Organisation
    regulator: Organisation
    receiver: Endpoint
    address: str

    def act(self, what: str, body: Any = None) -> dict[str, Any]:
        answer = self.regulator.post(PUSH, f"{self.address}{what}", body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    @property
    def shown(self) -> dict[str, Any]:
        return dict(self.regulator.get(PUSH, self.address).json())

    def decide(self, number: str) -> str:
        assert self.bureau.decide(number).status_code == 202
        told = f"试审批〔2026〕{number}号"
        self.regulator.told("push-opened", document_number=told)
        return told

    def until_told(self, number: str) -> None:
        eventually(lambda: number in self.receiver.numbers, f"{number} at the endpoint")

    def history(self) -> list[str]:
        changes = self.regulator.get(PUSH, f"{self.address}/history").json()["changes"]
        assert "whsec_" not in json.dumps(changes)
        return [line["what"] for line in changes]


@pytest.fixture
def subscriber(
    bureau: Organisation,
    regulator: Organisation,
    endpoint: tuple[Endpoint, str],
    request: pytest.FixtureRequest,
) -> Subscriber:
    receiver, url = endpoint
    wanted = {
        "channel": "webhook",
        "endpoint": url,
        "name": request.node.name[:90],
        "filter": {"types": [OPENED]},
        "start": "now",
    }
    made = regulator.post(PUSH, "/v1/subscriptions", wanted)
    assert (made.status_code, made.json()["state"]) == (201, "pending")
    receiver.secrets.append(made.json()["secret"])
    one = Subscriber(bureau, regulator, receiver, made.headers["Location"])
    said = one.act(":test")
    assert (said["outcome"], said["state"]) == ("processed", "active")
    return one


def test_what_came_during_a_pause_is_delivered_and_signed_by_both_secrets(
    subscriber: Subscriber,
) -> None:
    receiver = subscriber.receiver
    subscriber.until_told(subscriber.decide("订1"))
    assert subscriber.act(":pause")["state"] == "paused"
    time.sleep(3 * REFRESH_SECONDS)  # a delivery that waits for news learns of it at its next look
    during = subscriber.decide("订2")
    assert during not in receiver.numbers
    rotated = subscriber.act(":rotate-secret")
    subscriber.act(":resume")
    subscriber.until_told(during)
    receiver.secrets.append(rotated["secret"])
    subscriber.until_told(subscriber.decide("订3"))
    assert receiver.signatures == {1, 2}
    assert set(receiver.types) == {TEST, OPENED}
    assert subscriber.history() == ["created", "activated", "paused", "secret rotated", "resumed"]


def test_a_refused_decision_is_shown_as_the_receivers_trouble_and_told_when_it_is_taken(
    subscriber: Subscriber,
) -> None:
    subscriber.receiver.poison.add("试审批〔2026〕订4号")
    refused = subscriber.decide("订4")
    trouble = eventually(lambda: subscriber.shown.get("trouble"), "trouble with the decision")
    assert (trouble["cause"], trouble["side"], trouble["detail"]) == (
        "refused",
        "receiver",
        "HTTP 422",
    )
    subscriber.receiver.poison.clear()
    subscriber.until_told(refused)
    eventually(lambda: "trouble" not in subscriber.shown, "the end of the trouble")


def test_a_window_is_counted_and_then_delivered_again(subscriber: Subscriber) -> None:
    receiver = subscriber.receiver
    subscriber.until_told(subscriber.decide("订5"))
    # The receiver has it a moment before the cursor has moved over it, and the window ends there.
    eventually(lambda: "delivered_at" in subscriber.shown, "the cursor behind the decision")
    window = {"from": "2026-01-01T00:00:00+08:00"}
    counted = subscriber.act(":replay", window)["wanted"]
    assert counted >= 1
    before = len(receiver.numbers)
    assert subscriber.act(":replay", window | {"dry_run": False})["replaying"]
    eventually(lambda: len(receiver.numbers) == before + counted, "the window again")
    subscriber.until_told(subscriber.decide("订6"))
    assert len(receiver.numbers) == before + counted + 1

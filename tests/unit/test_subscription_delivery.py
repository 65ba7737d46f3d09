"""What a subscriber chose and what its receiver answers: activation, filter, pace, giving up."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from linkage_contracts.codes import Channel, RiskClass
from supervision_push.domain.answer import Accepted, Cause, Failed, Gone, Outcome
from supervision_push.domain.attempt import entries_at_once
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.preferences import Filter, Preferences
from supervision_push.domain.subscription import SubscriptionState
from tests.unit.feed_fakes import NOON, ScriptedSender, a_subscription, an_entry
from tests.unit.feed_stage import Stage

BROKEN = Failed(cause=Cause.STATUS, detail="HTTP 500")
TOO_FAST = Failed(cause=Cause.BUSY, detail="HTTP 429", slower=True)
AWAY = Failed(cause=Cause.BROKER, detail="KafkaConnectionError")


@dataclass
class Down(ScriptedSender):
    """Fails for ever."""

    failure: Outcome = field(default_factory=lambda: BROKEN)

    def answer(self, entries: Sequence[StoredEntry]) -> Outcome:  # noqa: ARG002 -- whatever they are
        return self.failure


def preferring(**chosen: object) -> Preferences:
    return Preferences(**chosen)  # type: ignore[arg-type] # any of them


async def test_a_pending_subscription_is_tested_until_it_answers_and_then_delivered() -> None:
    stage = Stage(sender=ScriptedSender(script=[BROKEN, BROKEN, Accepted()]))
    await stage.tell(0)
    async with stage.delivering(a_subscription(state=SubscriptionState.PENDING)):
        await stage.until_delivered(0)
    assert stage.sender.sent == [[-1], [-1], [-1], [0]]
    assert stage.slept == [1.0, 2.0]
    assert stage.subscription.state is SubscriptionState.ACTIVE
    assert stage.subscription.verified_at is not None
    assert [line.what for line in stage.history] == ["activated"]


async def test_an_endpoint_that_never_answers_its_test_is_disabled_in_the_end() -> None:
    stage = Stage(sender=Down())
    async with stage.delivering(a_subscription(state=SubscriptionState.PENDING)) as task:
        await asyncio.wait_for(task, 5)
    assert stage.subscription.state is SubscriptionState.DISABLED
    assert stage.now - NOON >= timedelta(days=3)


async def test_what_the_filter_leaves_out_costs_no_request_and_the_cursor_moves_over_it() -> None:
    stage = Stage()
    unwanted = [an_entry(offset, type="linkage.feed.warned.v1") for offset in (1, 2, 4)]
    await stage.write(an_entry(0), *unwanted, an_entry(3))
    opened = preferring(filter=Filter(types=frozenset({"linkage.feed.push-opened.v1"})))
    async with stage.delivering(a_subscription(preferences=opened)):
        await stage.until_delivered(4)
        others = an_entry(9, recipient="another organisation")
        await stage.write(an_entry(7, type="linkage.feed.warned.v1"), others)
        await stage.until_delivered(7)
    assert stage.sender.sent == [[0, 3]]


@pytest.mark.parametrize(
    ("chosen", "let_through"),
    [
        (Filter(items=frozenset({"000131902000"})), [0, 3]),
        (Filter(regions=frozenset({"450700"})), [0, 1, 3]),
        (Filter(regions=frozenset({"450722"})), [1, 3]),
        (Filter(risk_classes=frozenset({RiskClass.HIGH})), [0, 3]),
        (Filter(items=frozenset({"9"}), regions=frozenset({"450000"})), [1, 3]),
    ],
)
def test_a_filter_judges_by_what_an_entry_tells_and_lets_the_rest_through(
    chosen: Filter, let_through: list[int]
) -> None:
    entries = [
        an_entry(0, items=("000131902000", "8"), region="450721", risk=RiskClass.HIGH),
        an_entry(1, items=("9",), region="450722", risk=RiskClass.LOW),
        an_entry(2, items=("7",), region="110101", risk=RiskClass.ORDINARY),
        an_entry(3, type="linkage.feed.push-recalled.v1"),
    ]
    assert [entry.offset for entry in entries if chosen.lets(entry)] == let_through


async def test_a_batch_has_as_many_entries_as_its_subscriber_chose() -> None:
    stage = Stage()
    await stage.tell(*range(7))
    async with stage.delivering(a_subscription(preferences=preferring(batch_size=3))):
        await stage.until_delivered(6)
    assert stage.sender.sent == [[0, 1, 2], [3, 4, 5], [6]]


async def test_a_batch_that_is_not_full_waits_for_more_as_long_as_was_chosen() -> None:
    @dataclass
    class Slow(Stage):
        async def sleep(self, seconds: float) -> None:
            if seconds == 5:
                await self.tell(1)
            await super().sleep(seconds)

    stage = Slow()
    await stage.tell(0)
    patient = preferring(delay=timedelta(seconds=5))
    async with stage.delivering(a_subscription(preferences=patient)):
        await stage.until_delivered(1)
    assert stage.sender.sent == [[0, 1]]
    assert stage.slept == [5.0]


async def test_requests_keep_the_rate_that_was_chosen() -> None:
    stage = Stage()
    await stage.tell(0, 1, 2)
    slow = preferring(batch_size=1, rate=0.5)
    async with stage.delivering(a_subscription(preferences=slow)):
        await stage.until_delivered(2)
        await stage.until(lambda: len(stage.slept) == 3)
    assert stage.slept == [2.0, 2.0, 2.0]


async def test_a_receiver_that_is_given_too_much_gets_half_and_recovers_step_by_step() -> None:
    stage = Stage(sender=ScriptedSender(script=[TOO_FAST, TOO_FAST]))
    await stage.tell(*range(500))
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(499)
    sizes = [len(batch) for batch in stage.sender.sent]
    assert sizes[:8] == [100, 1, 1, 35, 45, 55, 65, 75]
    assert max(sizes[8:]) <= 100
    rests = [seconds for seconds in stage.slept if seconds < 1]
    assert rests == pytest.approx([0.65 - n / 10 for n in range(7)], abs=0.01)


async def test_the_slowest_pace_still_sends_something() -> None:
    slow = a_subscription(pace=1 / 128, preferences=preferring(batch_size=5))
    assert entries_at_once(slow) == 1


async def test_after_three_days_of_failures_it_is_disabled_and_an_operator_is_told_why() -> None:
    stage = Stage(sender=Down())
    await stage.tell(0, 1)
    with capture_logs() as logs:
        endpoint = "https://supervisor.example/hook?token=abc"
        async with stage.delivering(a_subscription(endpoint=endpoint)) as task:
            await asyncio.wait_for(task, 5)
    assert stage.subscription.state is SubscriptionState.DISABLED
    assert stage.position.offset == -1
    (alert,) = [line for line in logs if line["log_level"] == "error"]
    assert alert["endpoint"] == "https://supervisor.example/hook"
    assert alert["cause"] == "status: HTTP 500"
    assert alert["oldest"] == an_entry(0).id
    assert [(line.what, line.by) for line in stage.history] == [("disabled", "linkage")]


async def test_what_came_while_disabled_is_drained_in_order_on_resuming() -> None:
    stage = Stage(sender=Down())
    await stage.tell(0, 1)
    async with stage.delivering(a_subscription(verified_at=NOON)) as task:
        await asyncio.wait_for(task, 5)
    await stage.tell(2, 3)
    disabled = stage.subscription
    stage.subscriptions.by_id.clear()
    stage.sender = ScriptedSender()
    async with stage.delivering(disabled.resumed()):
        await stage.until_delivered(3)
    assert [offset for batch in stage.sender.sent for offset in batch] == [0, 1, 2, 3]


async def test_our_own_broker_being_away_never_disables_a_subscription() -> None:
    stage = Stage(sender=ScriptedSender(script=[AWAY] * 200))
    await stage.tell(0)
    async with stage.delivering(a_subscription(channel=Channel.KAFKA, topic="t")):
        await stage.until_delivered(0)
    assert stage.now - NOON > timedelta(days=7)
    assert stage.subscription.state is SubscriptionState.ACTIVE


async def test_the_receivers_days_are_not_counted_from_the_platforms_trouble() -> None:
    stage = Stage(sender=ScriptedSender(script=[*[AWAY] * 100, BROKEN]))
    await stage.tell(0)
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(0)
    assert stage.subscription.state is SubscriptionState.ACTIVE


async def test_gone_is_remembered_as_such() -> None:
    stage = Stage(sender=ScriptedSender(script=[Gone()]))
    await stage.tell(0)
    async with stage.delivering(a_subscription()) as task:
        await asyncio.wait_for(task, 2)
    assert [(line.what, line.detail) for line in stage.history] == [("paused", "gone: HTTP 410")]


async def test_whether_the_receiver_has_worked_through_what_it_took_is_shown() -> None:
    stage = Stage(sender=ScriptedSender(script=[Accepted(processed=False), Accepted()]))
    await stage.tell(0)
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(0)
        assert stage.subscription.processed is False
        await stage.tell(1)
        await stage.until_delivered(1)
    assert stage.subscription.processed is True

"""Delivering a feed: in order, nothing skipped, back-off, pause, and cursors by compare-and-set."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from linkage_contracts.codes import Channel
from supervision_push.application.deliver_feed import deliver_next
from supervision_push.application.deliver_run import BOOKS_EVERY
from supervision_push.domain.answer import Accepted, Cause, Failed, Gone, Outcome, Side
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.preferences import Preferences
from supervision_push.domain.subscription import Subscription, SubscriptionState
from tests.unit.feed_fakes import (
    BUREAU,
    EPOCH,
    NOON,
    MemoryFeed,
    Recorded,
    ScriptedSender,
    a_push_id,
    a_subscription,
)
from tests.unit.feed_stage import Stage
from tests.unit.subscription_fakes import MemorySubscriptions

BROKEN = Failed(cause=Cause.STATUS, detail="HTTP 500")
HANGS = Failed(cause=Cause.TIMEOUT, detail="no answer in time")


async def test_what_waits_goes_in_one_batch_and_what_comes_later_follows() -> None:
    stage = Stage()
    await stage.tell(0, 1, 4)
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(4)
        await stage.tell(6)
        await stage.until_delivered(6)
    assert stage.sender.sent == [[0, 1, 4], [6]]


async def test_a_batch_has_a_hundred_entries_at_most() -> None:
    stage = Stage()
    await stage.tell(*range(250))
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(249)
    assert [len(batch) for batch in stage.sender.sent] == [100, 100, 50]


async def test_a_failed_batch_is_sent_again_from_the_same_place_and_nothing_overtakes_it() -> None:
    stage = Stage(sender=ScriptedSender(script=[BROKEN, HANGS]))
    await stage.tell(0, 1)
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(1)
    # The probes after trouble carry one entry.
    assert stage.sender.sent == [[0, 1], [0], [0], [1]]
    assert stage.slept == [1.0, 2.0]
    assert stage.subscription.trouble is None


async def test_while_it_fails_its_organisation_can_see_since_when_and_why() -> None:
    stage = Stage(sender=ScriptedSender(script=[BROKEN]))
    subscription = a_subscription()
    await stage.subscriptions.add(subscription)
    await stage.tell(0)
    await deliver_next(subscription, by=stage.ports)
    trouble = stage.subscription.trouble
    assert trouble is not None
    assert (trouble.failures, trouble.since) == (1, NOON)
    assert (trouble.cause, trouble.cause.side, trouble.detail) == (
        Cause.STATUS,
        Side.RECEIVER,
        "HTTP 500",
    )
    assert trouble.retry_at == NOON + timedelta(seconds=1)
    assert stage.position.offset == -1


async def test_a_receivers_retry_after_is_obeyed() -> None:
    asked = Failed(cause=Cause.BUSY, retry_after=timedelta(seconds=7))
    stage = Stage(sender=ScriptedSender(script=[asked]))
    await stage.tell(0)
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(0)
    assert stage.slept == [7.0]


async def test_a_receiver_that_wants_to_be_asked_at_once_is_not_asked_without_end() -> None:
    at_once = Failed(cause=Cause.BUSY, retry_after=timedelta(0))
    stage = Stage(sender=ScriptedSender(script=[at_once] * 3))
    await stage.tell(0)
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(0)
    assert stage.slept == [1.0] * 3


async def test_a_receiver_that_is_gone_pauses_the_subscription_where_it_stands() -> None:
    stage = Stage(sender=ScriptedSender(script=[Accepted(), Gone()]))
    await stage.tell(0)
    async with stage.delivering(a_subscription()) as task:
        await stage.until_delivered(0)
        await stage.tell(1)
        await asyncio.wait_for(task, 2)
    assert stage.subscription.state is SubscriptionState.PAUSED
    assert stage.position.offset == 0


async def test_pushes_are_recorded_as_delivered_and_signed_for_in_the_same_breath() -> None:
    signed = a_push_id(1)
    stage = Stage(sender=ScriptedSender(script=[Accepted(received=(signed,), by="clerk 7")]))
    await stage.tell(0, 1)
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(1)
    pushes = (a_push_id(0), a_push_id(1))
    assert stage.recorded.deliveries == [(BUREAU, pushes, Channel.WEBHOOK)]
    assert stage.recorded.receipts == [(BUREAU, (signed,), "clerk 7")]


async def test_the_cursor_stays_until_the_delivery_is_recorded() -> None:
    stage = Stage(recorded=Recorded(away=1))
    await stage.tell(0)
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(0)
    assert stage.sender.sent == [[0], [0]]
    assert len(stage.recorded.deliveries) == 1


async def test_a_database_that_is_away_costs_a_repetition_not_an_entry() -> None:
    stage = Stage(subscriptions=MemorySubscriptions(away=2))
    await stage.tell(0)
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(0)
        await stage.tell(1)
        await stage.until_delivered(1)
    assert stage.sender.sent == [[0], [0], [0], [1]]


async def test_of_two_deliverers_one_moves_the_cursor_and_the_other_goes_on_from_there() -> None:
    stage = Stage()
    subscription = a_subscription()
    await stage.subscriptions.add(subscription)
    await stage.tell(0, 1)
    faster = replace(subscription, position=subscription.position.at(5))
    await stage.subscriptions.save(subscription, faster)
    moved = await deliver_next(subscription, by=stage.ports)
    assert moved == replace(faster, revision=1)
    assert stage.position.offset == 5


async def test_a_removed_subscription_ends_its_delivery() -> None:
    stage = Stage()
    async with stage.delivering(a_subscription()) as task:
        await asyncio.sleep(0.01)
        there = stage.subscription
        await stage.subscriptions.save(there, there.removed())
        await stage.tell(0)
        await asyncio.wait_for(task, 2)
    assert stage.position.offset == -1


async def test_after_a_new_numbering_everything_is_delivered_again_rather_than_missed() -> None:
    stage = Stage(feed=MemoryFeed(current_epoch="e2"))
    await stage.tell(0, 1)
    async with stage.delivering(
        a_subscription(position=Cursor(epoch=EPOCH, partition=3, offset=900))
    ):
        await stage.until(lambda: stage.position == Cursor(epoch="e2", partition=0, offset=1))
    assert stage.sender.sent == [[0, 1]]


def one_by_one(**changes: object) -> Subscription:
    return a_subscription(preferences=Preferences(batch_size=1), **changes)


async def test_the_books_of_requests_that_follow_one_another_are_kept_at_once() -> None:
    stage = Stage()
    await stage.tell(*range(5))
    async with stage.delivering(one_by_one()):
        await stage.until_delivered(4)
    assert stage.sender.sent == [[0], [1], [2], [3], [4]]
    assert stage.recorded.deliveries == [
        (BUREAU, tuple(a_push_id(offset) for offset in range(5)), Channel.WEBHOOK)
    ]
    assert stage.subscription.revision == 1


async def test_what_a_receiver_had_before_it_failed_is_not_sent_again() -> None:
    stage = Stage(sender=ScriptedSender(script=[Accepted(), Accepted(), BROKEN]))
    await stage.tell(0, 1, 2)
    async with stage.delivering(one_by_one()):
        await stage.until_delivered(2)
    assert stage.sender.sent == [[0], [1], [2], [2]]
    assert [len(had) for _, had, _ in stage.recorded.deliveries] == [2, 1]


async def test_books_are_not_put_off_for_longer_than_they_may_be() -> None:
    stage = Stage()

    class Slow(ScriptedSender):
        def answer(self, entries: Sequence[StoredEntry]) -> Outcome:
            stage.now += BOOKS_EVERY * 0.6
            return super().answer(entries)

    stage.sender = Slow()
    await stage.tell(*range(6))
    async with stage.delivering(one_by_one()):
        await stage.until_delivered(5)
    assert [len(had) for _, had, _ in stage.recorded.deliveries] == [2, 2, 2]


async def test_requests_whose_books_could_not_be_kept_are_made_again() -> None:
    stage = Stage(recorded=Recorded(away=1))
    await stage.tell(0, 1)
    async with stage.delivering(one_by_one()):
        await stage.until_delivered(1)
    assert stage.sender.sent == [[0], [1], [0], [1]]


async def test_a_subscription_that_is_let_go_makes_no_further_request() -> None:
    stage = Stage()

    class LettingGo(ScriptedSender):
        def answer(self, entries: Sequence[StoredEntry]) -> Outcome:
            stage.traffic.ending.add(stage.subscription.id)
            return super().answer(entries)

    stage.sender = LettingGo()
    await stage.tell(0, 1)
    async with stage.delivering(one_by_one()) as task:
        await asyncio.wait_for(task, 2)
    assert stage.sender.sent == [[0]]
    assert stage.position.offset == 0


async def test_a_receiver_that_would_rather_have_fuller_batches_is_waited_for_again() -> None:
    stage = Stage()
    waiting = Preferences(batch_size=2, delay=timedelta(seconds=3))
    await stage.tell(0, 1, 2)
    async with stage.delivering(a_subscription(preferences=waiting)):
        await stage.until_delivered(2)
    assert stage.sender.sent == [[0, 1], [2]]
    assert stage.slept == [3.0]


@dataclass
class Hanging(ScriptedSender):
    """Answers the second request only when it is let."""

    let: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, subscription: Subscription, entries: Sequence[StoredEntry]) -> Outcome:
        if self.sent:
            await self.let.wait()
        return await super().send(subscription, entries)


async def test_what_a_receiver_had_is_written_down_while_its_next_request_hangs() -> None:
    sender = Hanging()
    stage = Stage(sender=sender)
    await stage.tell(0, 1)
    async with stage.delivering(one_by_one()):
        await stage.until_delivered(0)
        assert stage.sender.sent == [[0]]
        sender.let.set()
        await stage.until_delivered(1)
    assert stage.sender.sent == [[0], [1]]


async def test_a_change_made_while_a_request_hangs_is_not_undone_by_its_books() -> None:
    sender = Hanging()
    stage = Stage(sender=sender)
    await stage.tell(0, 1)
    async with stage.delivering(one_by_one()):
        await stage.until(lambda: bool(sender.sent))
        there = stage.subscription
        await stage.subscriptions.save(there, replace(there, endpoint="https://other.example"))
        await asyncio.sleep(BOOKS_EVERY.total_seconds() * 1.5)
        sender.let.set()
        await stage.until_delivered(1)
    assert stage.subscription.endpoint == "https://other.example"

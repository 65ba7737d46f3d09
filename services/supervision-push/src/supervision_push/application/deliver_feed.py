"""Deliver one subscription's feed: the next entries in order, one request in flight."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from linkage_runtime.errors import TransientError
from supervision_push.application.choose_entries import next_entries, parked_entries
from supervision_push.application.feed_ports import (
    FeedLog,
    RecordDeliveries,
    Sender,
    SignReceipts,
    Watermarks,
)
from supervision_push.application.subscription_ports import FeedSearch, Subscriptions
from supervision_push.application.tell_changes import (
    change_between,
    tell_change,
    tell_failure,
)
from supervision_push.application.try_subscription import trial_entry
from supervision_push.domain.answer import Accepted, Failed, Gone, Outcome
from supervision_push.domain.attempt import (
    Attempt,
    following_attempt,
    next_parked,
    rest_between,
)
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.entry import PushOutline, StoredEntry, opened_by
from supervision_push.domain.outcome import accepted, failed, gone, unverified
from supervision_push.domain.subscription import Subscription, SubscriptionState

log = structlog.get_logger()

BOOKS_EVERY = timedelta(milliseconds=100)
"""How long requests may follow one another before they are written down.

One entry to a request costs as many books as a hundred would. A deliverer that dies delivers again
what it had not written down.
"""
STORE_PAUSE_SECONDS = 1.0
"""How long to leave a database in trouble alone."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What is under way in this process, by subscription."""

    in_flight: set[str] = field(default_factory=set)
    ending: set[str] = field(default_factory=set)
    """These make no further attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPorts:
    """The collaborators of delivering, the same for all subscriptions of one channel."""

    feed: FeedLog
    search: FeedSearch
    watermarks: Watermarks
    subscriptions: Subscriptions
    sender: Sender
    record_deliveries: RecordDeliveries
    sign_receipts: SignReceipts
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    partition_of: Callable[[str], int]
    give_up_after: timedelta
    traffic: Traffic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(slots=True, kw_only=True)
class _Run:
    """Requests of one subscription whose books are still to be kept."""

    began_at: datetime
    asked_at: datetime
    """When the last of them began."""
    after: Subscription
    """As it stands after the last of them."""
    had: list[PushOutline] = field(default_factory=list)
    """The pushes that its receiver has."""
    had_at: datetime | None = None
    """When it had the last of them."""
    signed: tuple[str, ...] = ()
    clerk: str | None = None


async def deliver_feed(subscription: Subscription, *, by: DeliveryPorts) -> None:
    """Deliver until there is nothing more to deliver to, or this is ended or cancelled."""
    current: Subscription | None = subscription
    while current is not None and current.delivers and current.id not in by.traffic.ending:
        try:
            current = await deliver_next(current, by=by)
        except TransientError as error:
            log.warning("delivery waits", subscription=subscription.id, cause=str(error))
            await by.sleep(STORE_PAUSE_SECONDS)


async def deliver_next(subscription: Subscription, *, by: DeliveryPorts) -> Subscription | None:
    """Wait for the end of a back-off, and for the next entries, then deliver what was read.

    Returns:
        The subscription as it stands afterwards; ``None`` if it was removed.
    """
    epoch = await by.watermarks.epoch()
    if subscription.position.epoch != epoch:
        log.warning("subscription begins again", subscription=subscription.id)
        beginning = Cursor(epoch=epoch, partition=by.partition_of(subscription.organisation))
        return await _save(subscription, subscription.begun_again(beginning), by=by)
    if subscription.trouble:
        left = (subscription.trouble.retry_at - by.clock()).total_seconds()
        await by.sleep(max(0.0, left))
    if subscription.state is SubscriptionState.PENDING:
        return await _verify(subscription, by=by)
    parked = next_parked(subscription)
    moved, attempt = await (
        parked_entries(subscription, parked, search=by.search, feed=by.feed)
        if parked
        else next_entries(subscription, feed=by.feed, watermarks=by.watermarks, sleep=by.sleep)
    )
    if attempt is None:
        return await _save(subscription, moved, by=by)
    return await _deliver_run(subscription, moved, attempt, by=by)


async def _deliver_run(
    stored: Subscription, moved: Subscription, attempt: Attempt, *, by: DeliveryPorts
) -> Subscription | None:
    """Request after request with what was read, and then the books of all of them at once."""
    began_at = by.clock()
    run = _Run(began_at=began_at, asked_at=began_at, after=moved)
    by.traffic.in_flight.add(stored.id)
    try:
        following: Attempt | None = attempt
        while following is not None:
            attempt = following
            following = await _request(run, attempt, by=by)
        # Recorded before the cursor moves: whoever dies in between delivers and records again.
        await _record(stored, run, by=by)
        there = await _save(stored, run.after, attempt.entries, by=by)
    finally:
        by.traffic.in_flight.discard(stored.id)
    rest = (rest_between(run.after) - (by.clock() - run.asked_at)).total_seconds()
    if run.after.trouble is None and rest > 0:
        await by.sleep(rest)
    return there


async def _request(run: _Run, attempt: Attempt, *, by: DeliveryPorts) -> Attempt | None:
    """One request; returns the next, unless the books must be kept first."""
    run.asked_at = by.clock()
    outcome = await by.sender.send(run.after, attempt.entries)
    at = by.clock()
    run.after = _after(run.after, attempt, outcome, at, by=by)
    if not isinstance(outcome, Accepted):
        return None
    run.had += opened_by(attempt.entries)
    run.had_at = at
    if outcome.received:
        run.signed, run.clerk = outcome.received, outcome.by
        return None
    ends = run.after.id in by.traffic.ending or at - run.began_at >= BOOKS_EVERY
    return None if ends else following_attempt(run.after, attempt)


async def _record(subscription: Subscription, run: _Run, *, by: DeliveryPorts) -> None:
    organisation, channel = subscription.organisation, subscription.channel
    if run.had and run.had_at:
        await by.record_deliveries(organisation, run.had, channel, run.had_at)
    if run.signed:
        await by.sign_receipts(organisation, run.signed, run.clerk or channel)


async def _verify(subscription: Subscription, *, by: DeliveryPorts) -> Subscription | None:
    by.traffic.in_flight.add(subscription.id)
    try:
        test = trial_entry(subscription, by.clock())
        after = _verified(subscription, await by.sender.send(subscription, [test]), by=by)
        return await _save(subscription, after, by=by)
    finally:
        by.traffic.in_flight.discard(subscription.id)


def _verified(subscription: Subscription, outcome: Outcome, *, by: DeliveryPorts) -> Subscription:
    at = by.clock()
    match outcome:
        case Accepted():
            return subscription.verified(at)
        case Failed() as failure:
            tell_failure(subscription, failure)
            limit = by.give_up_after
            return unverified(subscription, failure, at=at, chance=by.chance(), give_up_after=limit)
        case Gone():
            return gone(subscription, at)


async def _save(
    before: Subscription,
    after: Subscription,
    entries: Sequence[StoredEntry] = (),
    *,
    by: DeliveryPorts,
) -> Subscription | None:
    change = change_between(before, after, entries, by.clock())
    if await by.subscriptions.save(before, after, change):
        if change:
            tell_change(change, after, entries)
        return replace(after, revision=before.revision + 1)
    # Another deliverer moved it, or its organisation changed or removed it: go on from what holds.
    return await by.subscriptions.find(before.id)


def _after(
    subscription: Subscription,
    attempt: Attempt,
    outcome: Outcome,
    at: datetime,
    *,
    by: DeliveryPorts,
) -> Subscription:
    match outcome:
        case Accepted():
            return accepted(subscription, attempt, outcome, at)
        case Failed() as failure:
            tell_failure(subscription, failure)
            return failed(
                subscription,
                attempt,
                failure,
                at=at,
                chance=by.chance(),
                give_up_after=by.give_up_after,
            )
        case Gone():
            return gone(subscription, at)

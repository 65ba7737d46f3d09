"""Deliver one subscription's feed: the next entries in order, one request in flight."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from linkage_runtime.errors import TransientError
from supervision_push.application.feed_ports import (
    Accepted,
    Failed,
    FeedLog,
    Gone,
    Outcome,
    RecordDeliveries,
    Sender,
    SignReceipts,
    Subscriptions,
    Watermarks,
)
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.entry import StoredEntry, push_ids
from supervision_push.domain.subscription import Subscription, SubscriptionState

log = structlog.get_logger()

BATCH_ENTRIES = 100
IDLE_SECONDS = 30.0
"""How long to wait for a watermark before looking again whether anything changed."""
LOOK_AGAIN_SECONDS = 10.0
"""How soon a subscription that was resumed or removed during a long back-off is noticed."""
STORE_PAUSE_SECONDS = 1.0
"""How long to leave a database in trouble alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPorts:
    """The collaborators of delivering, the same for all subscriptions of one channel."""

    feed: FeedLog
    watermarks: Watermarks
    subscriptions: Subscriptions
    sender: Sender
    record_deliveries: RecordDeliveries
    sign_receipts: SignReceipts
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    partition_of: Callable[[str], int]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


async def deliver_feed(subscription: Subscription, *, by: DeliveryPorts) -> None:
    """Deliver until the subscription is paused, removed, or this is cancelled."""
    current: Subscription | None = subscription
    while current is not None and current.state is SubscriptionState.ACTIVE:
        try:
            current = await deliver_next(current, by=by)
        except TransientError as error:
            log.warning("delivery waits", subscription=subscription.id, cause=str(error))
            await by.sleep(STORE_PAUSE_SECONDS)


async def deliver_next(subscription: Subscription, *, by: DeliveryPorts) -> Subscription | None:
    """Wait for the next entries, and for the end of a back-off, then make one attempt.

    Returns:
        The subscription as it stands afterwards; ``None`` if it was removed.
    """
    epoch = await by.watermarks.epoch()
    if subscription.position.epoch != epoch:
        return await _renumber(subscription, epoch, by=by)
    if subscription.trouble:
        left = (subscription.trouble.retry_at - by.clock()).total_seconds()
        await by.sleep(max(0.0, min(left, LOOK_AGAIN_SECONDS)))
        if left > LOOK_AGAIN_SECONDS:
            return await by.subscriptions.find(subscription.id)
    entries = await _next_entries(subscription, by=by)
    outcome = await by.sender.send(subscription, entries)
    after = await _settle(subscription, entries, outcome, by=by)
    return await _save(subscription, after, by=by)


async def _renumber(
    subscription: Subscription, epoch: str, *, by: DeliveryPorts
) -> Subscription | None:
    # The feeds were numbered anew: what was delivered before is delivered again rather than missed.
    log.warning("subscription begins again", subscription=subscription.id)
    beginning = Cursor(epoch=epoch, partition=by.partition_of(subscription.organisation))
    return await _save(subscription, replace(subscription, position=beginning), by=by)


async def _save(
    before: Subscription, after: Subscription, *, by: DeliveryPorts
) -> Subscription | None:
    if await by.subscriptions.save(before, after):
        return after
    # Another deliverer moved it, or its organisation changed or removed it: go on from what holds.
    return await by.subscriptions.find(before.id)


async def _next_entries(subscription: Subscription, *, by: DeliveryPorts) -> list[StoredEntry]:
    position = subscription.position
    searched = position.offset
    while True:
        upto = await by.watermarks.beyond(position.partition, searched, IDLE_SECONDS)
        if upto > searched:
            found = await by.feed.between(subscription.organisation, position, upto, BATCH_ENTRIES)
            if found:
                return found
            searched = upto


async def _settle(
    subscription: Subscription, entries: list[StoredEntry], outcome: Outcome, *, by: DeliveryPorts
) -> Subscription:
    at = by.clock()
    match outcome:
        case Accepted(received=received, by=clerk):
            # Recorded before the cursor moves: whoever dies in between delivers and records again.
            pushes = push_ids(entries)
            organisation = subscription.organisation
            if pushes:
                await by.record_deliveries(organisation, pushes, subscription.channel, at)
            if received:
                await by.sign_receipts(organisation, received, clerk or subscription.channel)
            return subscription.delivered(entries[-1].offset)
        case Failed(cause=cause, retry_after=retry_after):
            failed = subscription.failed(at, cause, chance=by.chance(), retry_after=retry_after)
            log.warning("delivery failed", subscription=subscription.id, cause=cause)
            return failed
        case Gone():
            log.warning("subscription paused", subscription=subscription.id, cause="410")
            return subscription.paused(at, "410")

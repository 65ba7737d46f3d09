"""Deliver one subscription's feed: the next entries in order, one request in flight."""

from dataclasses import replace

import structlog

from linkage_runtime.errors import TransientError
from supervision_push.application.choose_entries import next_entries, parked_entries
from supervision_push.application.deliver_run import deliver_run
from supervision_push.application.delivery_ports import DeliveryPorts
from supervision_push.application.tell_changes import save_told, tell_failure
from supervision_push.application.try_subscription import trial_entry
from supervision_push.domain.answer import Accepted, Failed, Gone, Outcome
from supervision_push.domain.attempt import next_parked
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.outcome import gone, unverified
from supervision_push.domain.subscription import Subscription, SubscriptionState

log = structlog.get_logger()

STORE_PAUSE_SECONDS = 1.0
"""How long to leave a database in trouble alone."""


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
    return await deliver_run(subscription, moved, attempt, by=by)


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
    before: Subscription, after: Subscription, *, by: DeliveryPorts
) -> Subscription | None:
    if await save_told(before, after, (), by.clock(), by=by.subscriptions):
        return replace(after, revision=before.revision + 1)
    return await by.subscriptions.find(before.id)

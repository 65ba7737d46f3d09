"""Puts the deliverer together: senders by channel, and what a delivery is recorded with."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from random import SystemRandom

import structlog

from linkage_contracts.codes import Channel
from linkage_runtime.clock import now
from linkage_runtime.repeat import repeat
from supervision_push.adapters.feeds.feed_partition import partition_of
from supervision_push.adapters.feeds.feed_topics import TopicSender
from supervision_push.adapters.feeds.mongo_feed import MongoFeedLog
from supervision_push.adapters.feeds.mongo_feed_readers import MongoFeedReaders
from supervision_push.adapters.feeds.mongo_feed_search import MongoFeedSearch
from supervision_push.adapters.feeds.mongo_watermarks import MongoWatermarks
from supervision_push.adapters.pushes.push_metrics import count_handed_over, counted
from supervision_push.adapters.subscriptions.delivery_metrics import (
    UNREAD,
    WAITING_SECONDS,
    CountedSender,
    CountedSubscriptions,
    count_ailing,
    count_states,
    declare_delivery_metrics,
)
from supervision_push.adapters.subscriptions.endpoint_addresses import AllowedAddresses
from supervision_push.adapters.subscriptions.mongo_subscriptions import MongoSubscriptions
from supervision_push.adapters.subscriptions.sealed_secrets import SealedSecrets
from supervision_push.adapters.subscriptions.webhook_sender import WebhookSender
from supervision_push.application.act_on_pushes import Actor
from supervision_push.application.delivery_ports import DeliveryPorts, Traffic
from supervision_push.application.feed_ports import RecordDeliveries, Sender, SignReceipts
from supervision_push.application.find_unread import MOST, UnreadFeed, find_unread
from supervision_push.application.record_deliveries import Deliveries, record_deliveries
from supervision_push.application.record_receipts import RecordReceipts, record_receipts
from supervision_push.bootstrap import books_of
from supervision_push.domain.entry import PushOutline
from supervision_push.domain.subscription import Subscription
from supervision_push.wiring import Wiring

log = structlog.get_logger()

COUNT_EVERY = timedelta(minutes=1)


def webhook_sender(wiring: Wiring) -> WebhookSender:
    """The sender of this process; close it at the end."""
    return WebhookSender(
        AllowedAddresses(wiring.settings.webhook_networks),
        SealedSecrets(wiring.settings.master),
        now,
    )


def delivery_ports(
    wiring: Wiring, webhooks: WebhookSender, traffic: Traffic
) -> Mapping[Channel, DeliveryPorts]:
    """What delivering needs, by channel; pull is no channel that anything is sent on."""
    declare_delivery_metrics()
    watermarks = MongoWatermarks(wiring.database)
    senders: dict[Channel, Sender] = {
        Channel.WEBHOOK: webhooks,
        Channel.KAFKA: TopicSender(wiring.publisher),
    }
    return {
        channel: DeliveryPorts(
            feed=MongoFeedLog(wiring.database),
            search=MongoFeedSearch(wiring.database),
            watermarks=watermarks,
            subscriptions=CountedSubscriptions(wiring.database),
            sender=CountedSender(sender),
            record_deliveries=deliveries_into(wiring),
            sign_receipts=_receipts(wiring),
            clock=now,
            chance=SystemRandom().random,
            partition_of=partial(partition_of, partitions=wiring.settings.partitions),
            give_up_after=wiring.settings.webhook_give_up_after,
            traffic=traffic,
        )
        for channel, sender in senders.items()
    }


def unread_feeds(
    wiring: Wiring, watermarks: MongoWatermarks
) -> Callable[[timedelta], Awaitable[list[UnreadFeed]]]:
    """Finds the feeds that nobody has read for so long."""

    async def find(unread_after: timedelta) -> list[UnreadFeed]:
        return await find_unread(
            now(),
            unread_after,
            readers=MongoFeedReaders(wiring.database),
            search=MongoFeedSearch(wiring.database),
            watermarks=watermarks,
            partition_of=partial(partition_of, partitions=wiring.settings.partitions),
        )

    return find


def counting(wiring: Wiring, is_ours: Callable[[], bool]) -> Coroutine[None, None, None]:
    """Counts ailing subscriptions and unread feeds; of several deliverers one counts, for all."""
    subscriptions = MongoSubscriptions(wiring.database)
    find = unread_feeds(wiring, MongoWatermarks(wiring.database))

    async def count() -> bool:
        ours = is_ours()
        ailing = await subscriptions.ailing() if ours else []
        count_ailing(ailing)
        count_states(await subscriptions.states() if ours else {})
        WAITING_SECONDS.set(await _oldest_wait(ailing[:MOST], MongoFeedSearch(wiring.database)))
        UNREAD.set(len(await find(wiring.settings.unread_after)) if ours else 0)
        return False

    return repeat("count deliveries", count, every=COUNT_EVERY)


async def _oldest_wait(ailing: Sequence[Subscription], search: MongoFeedSearch) -> float:
    """How long the entry has waited that waits longest, in seconds."""
    waiting = [await search.oldest(one.organisation, one.position) for one in ailing]
    since = [one.stored_at for one in waiting if one is not None and one.stored_at is not None]
    return (now() - min(since)).total_seconds() if since else 0.0


def deliveries_into(wiring: Wiring) -> RecordDeliveries:
    """Records deliveries in the ledger of pushes."""
    ledger = books_of(wiring).pushes

    async def record(
        organisation: str, pushes: Sequence[PushOutline], channel: Channel, at: datetime
    ) -> None:
        command = Deliveries(organisation=organisation, pushes=pushes, channel=channel, at=at)
        handed = await record_deliveries(command, pushes=ledger, publisher=wiring.publisher)
        count_handed_over(handed, command.delivery)

    return record


def _receipts(wiring: Wiring) -> SignReceipts:
    pushes = books_of(wiring).pushes

    async def sign(organisation: str, push_ids: Sequence[str], by: str) -> None:
        outcome = counted(
            await record_receipts(
                RecordReceipts(push_ids=push_ids, by=by),
                actor=Actor(organisation=organisation, at=now()),
                pushes=pushes,
            )
        )
        if outcome.refused:
            log.warning("receipts refused", organisation=organisation, count=len(outcome.refused))

    return sign

"""Puts the deliverer together: senders by channel, and what a delivery is recorded with."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from random import SystemRandom

import structlog

from linkage_contracts.codes import Channel
from linkage_runtime.clock import now
from supervision_push.adapters.delivery_metrics import (
    CountedSender,
    CountedSubscriptions,
    declare_delivery_metrics,
)
from supervision_push.adapters.endpoint_addresses import AllowedAddresses
from supervision_push.adapters.feed_partition import partition_of
from supervision_push.adapters.feed_topics import TopicSender
from supervision_push.adapters.mongo_feed import MongoFeedLog
from supervision_push.adapters.mongo_feed_heads import MongoFeedHeads
from supervision_push.adapters.mongo_feed_search import MongoFeedSearch
from supervision_push.adapters.mongo_watermarks import MongoWatermarks
from supervision_push.adapters.push_metrics import count_steps, counted
from supervision_push.adapters.sealed_secrets import SealedSecrets
from supervision_push.adapters.webhook_sender import WebhookSender
from supervision_push.application.act_on_pushes import Actor
from supervision_push.application.deliver_feed import DeliveryPorts, Traffic
from supervision_push.application.feed_ports import RecordDeliveries, Sender, SignReceipts
from supervision_push.application.record_deliveries import Deliveries, record_deliveries
from supervision_push.application.record_receipts import RecordReceipts, record_receipts
from supervision_push.bootstrap import books_of
from supervision_push.wiring import Wiring

log = structlog.get_logger()


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
    arrivals = MongoFeedHeads(wiring.database, watermarks)
    senders: dict[Channel, Sender] = {
        Channel.WEBHOOK: webhooks,
        Channel.KAFKA: TopicSender(wiring.publisher),
    }
    return {
        channel: DeliveryPorts(
            feed=MongoFeedLog(wiring.database),
            search=MongoFeedSearch(wiring.database),
            watermarks=watermarks,
            arrivals=arrivals,
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


def deliveries_into(wiring: Wiring) -> RecordDeliveries:
    """Records deliveries in the ledger of pushes."""
    pushes = books_of(wiring).pushes

    async def record(
        organisation: str, push_ids: Sequence[str], channel: Channel, at: datetime
    ) -> None:
        command = Deliveries(organisation=organisation, push_ids=push_ids, channel=channel, at=at)
        count_steps(await record_deliveries(command, pushes=pushes, publisher=wiring.publisher))

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
        count_steps(outcome.changed)
        if outcome.refused:
            log.warning("receipts refused", organisation=organisation, count=len(outcome.refused))

    return sign

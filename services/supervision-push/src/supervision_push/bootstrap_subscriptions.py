"""Puts the subscriptions' half of the API together."""

from collections.abc import Sequence
from contextlib import aclosing
from functools import partial

from fastapi import APIRouter

from linkage_contracts.codes import Channel
from linkage_runtime.clock import now
from supervision_push.adapters.feeds.feed_partition import partition_of
from supervision_push.adapters.feeds.feed_topics import KafkaFeedTopics, TopicSender
from supervision_push.adapters.feeds.mongo_feed import MongoFeedLog
from supervision_push.adapters.feeds.mongo_feed_search import MongoFeedSearch
from supervision_push.adapters.feeds.mongo_watermarks import MongoWatermarks
from supervision_push.adapters.pushes.http_oversight import oversight_router
from supervision_push.adapters.subscriptions.endpoint_addresses import AllowedAddresses
from supervision_push.adapters.subscriptions.http_replays import replays_router
from supervision_push.adapters.subscriptions.http_subscription_acts import (
    ActPorts,
    acts_on_subscriptions_router,
)
from supervision_push.adapters.subscriptions.http_subscriptions import subscriptions_router
from supervision_push.adapters.subscriptions.mongo_replays import MongoReplays
from supervision_push.adapters.subscriptions.mongo_subscriptions import MongoSubscriptions
from supervision_push.adapters.subscriptions.sealed_secrets import SealedSecrets
from supervision_push.application.replay_to_organisation import ReplayPorts
from supervision_push.application.subscribe import SubscribePorts
from supervision_push.bootstrap_deliveries import unread_feeds, webhook_sender
from supervision_push.domain.answer import Outcome
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.subscription import Subscription
from supervision_push.wiring import Wiring


def subscription_routers(wiring: Wiring, watermarks: MongoWatermarks) -> list[APIRouter]:
    """``/v1/subscriptions`` and ``/v1/oversight``."""
    subscriptions = MongoSubscriptions(wiring.database)
    search, settings = MongoFeedSearch(wiring.database), wiring.settings
    seal = SealedSecrets(settings.master).seal
    subscribing = SubscribePorts(
        subscriptions=subscriptions,
        watermarks=watermarks,
        search=search,
        check_endpoint=AllowedAddresses(settings.webhook_networks).check_endpoint,
        create_topic=KafkaFeedTopics(
            settings.kafka, settings.kafka_access, settings.kafka_principal
        ).create,
        seal=seal,
        partition_of=partial(partition_of, partitions=settings.partitions),
        clock=now,
    )
    acting = ActPorts(
        subscriptions=subscriptions,
        feed=MongoFeedLog(wiring.database),
        search=search,
        sender=_TestSender(wiring),
        seal=seal,
        clock=now,
        overlap=settings.webhook_secret_overlap,
    )
    replaying = ReplayPorts(
        subscriptions=subscriptions,
        search=search,
        watermarks=watermarks,
        replays=MongoReplays(wiring.database["replays"]),
        partition_of=subscribing.partition_of,
        clock=now,
    )
    return [
        replays_router(replaying),
        acts_on_subscriptions_router(acting),
        subscriptions_router(subscribing),
        oversight_router(subscriptions, unread_feeds(wiring, watermarks), settings.unread_after),
    ]


class _TestSender:
    """Connects for each test: they are rare, and the deliverer has the connections."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    async def send(self, subscription: Subscription, entries: Sequence[StoredEntry]) -> Outcome:
        """See ``Sender``."""
        if subscription.channel is Channel.KAFKA:
            return await TopicSender(self._wiring.publisher).send(subscription, entries)
        async with aclosing(webhook_sender(self._wiring)) as webhooks:
            return await webhooks.send(subscription, entries)

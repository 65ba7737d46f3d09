"""Where subscriptions are made, with everything in memory, and keys that are names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from linkage_contracts.codes import Channel
from linkage_runtime.access import ApiKeys, Caller
from linkage_runtime.master_keys import MasterKeys
from supervision_push.adapters.subscriptions.endpoint_addresses import ForbiddenEndpointError
from supervision_push.adapters.subscriptions.sealed_secrets import SealedSecrets
from supervision_push.application.subscribe import (
    Subscribe,
    Subscribed,
    SubscribePorts,
    subscribe,
)
from tests.unit.feed_fakes import BUREAU, NOON, MemoryFeed
from tests.unit.subscription_fakes import MemorySubscriptions


class KeysByName(ApiKeys):
    """Callers by the name of their key; no database."""

    def __init__(self, callers: Mapping[str, Caller]) -> None:
        self._callers = dict(callers)

    async def caller(self, presented: str) -> Caller | None:
        return self._callers.get(presented)


@dataclass
class SubscriptionDesk:
    """Subscribing, with everything in memory."""

    subscriptions: MemorySubscriptions = field(default_factory=MemorySubscriptions)
    secrets: SealedSecrets = field(default_factory=lambda: SealedSecrets(MasterKeys(b"m" * 32)))
    forbidden: set[str] = field(default_factory=set)
    topics: dict[str, str] = field(default_factory=dict)
    """With the organisation that may read each."""
    feed: MemoryFeed = field(default_factory=MemoryFeed)

    async def check(self, endpoint: str) -> None:
        if endpoint in self.forbidden:
            raise ForbiddenEndpointError("forbidden")

    async def create_topic(self, topic: str, organisation: str) -> None:
        self.topics[topic] = organisation

    async def webhook(self, endpoint: str, **more: Any) -> Subscribed:
        command = Subscribe(
            organisation=BUREAU, channel=Channel.WEBHOOK, by="key1", endpoint=endpoint, **more
        )
        return await subscribe(command, ports=self.ports)

    async def kafka(self, **more: Any) -> Subscribed:
        command = Subscribe(organisation=BUREAU, channel=Channel.KAFKA, by="key1", **more)
        return await subscribe(command, ports=self.ports)

    @property
    def ports(self) -> SubscribePorts:
        return SubscribePorts(
            subscriptions=self.subscriptions,
            watermarks=self.feed,
            search=self.feed,
            check_endpoint=self.check,
            create_topic=self.create_topic,
            seal=self.secrets.seal,
            partition_of=lambda _: 4,
            clock=lambda: NOON,
        )

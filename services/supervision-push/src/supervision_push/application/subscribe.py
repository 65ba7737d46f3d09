"""Subscribe an organisation to its own feed on a channel."""

import base64
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from linkage_contracts.codes import Channel
from linkage_runtime.errors import TransientError
from supervision_push.application.feed_ports import Subscriptions, Watermarks
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.subscription import (
    Subscription,
    feed_topic,
    subscription_id,
)

SECRET_BYTES = 32
"""Standard Webhooks asks for 24 to 64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """``endpoint`` is given for webhooks, and only for them."""

    organisation: str
    channel: Channel
    endpoint: str | None = None

    @property
    def id(self) -> str:
        """The same wish is the same subscription."""
        return subscription_id(self.organisation, self.channel, self.endpoint)

    @property
    def topic(self) -> str | None:
        """The organisation's own topic, where it chose Kafka."""
        return feed_topic(self.organisation) if self.channel is Channel.KAFKA else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """The subscription; ``secret`` in clear only when it was just made, and never again."""

    subscription: Subscription
    secret: str | None = None
    is_new: bool = False


async def subscribe(
    command: Subscribe,
    *,
    subscriptions: Subscriptions,
    watermarks: Watermarks,
    check_endpoint: Callable[[str], Awaitable[None]],
    create_topic: Callable[[str], Awaitable[None]],
    seal: Callable[[str, str], bytes],
    partition_of: Callable[[str], int],
    clock: Callable[[], datetime],
) -> Subscribed:
    """Make the subscription, from the beginning of the feed; an old one goes on where it stood.

    Raises:
        ForbiddenEndpointError: nothing is ever sent to that address.
        TransientError: the topic could not be made now.
    """
    if command.endpoint is not None:
        await check_endpoint(command.endpoint)
    if command.topic is not None:
        await create_topic(command.topic)
    beginning = Cursor(epoch=await watermarks.epoch(), partition=partition_of(command.organisation))
    secret = _new_secret() if command.endpoint is not None else None
    made = _subscription(command, beginning, clock(), seal(command.id, secret) if secret else None)
    if await subscriptions.add(made):
        return Subscribed(subscription=made, secret=secret, is_new=True)
    await subscriptions.resume(command.id)
    there = await subscriptions.find(command.id)
    if there is None:
        raise TransientError("the subscription was removed at this very moment")
    return Subscribed(subscription=there)


def _subscription(
    command: Subscribe, beginning: Cursor, at: datetime, sealed_secret: bytes | None
) -> Subscription:
    return Subscription(
        id=command.id,
        organisation=command.organisation,
        channel=command.channel,
        position=beginning,
        created_at=at,
        endpoint=command.endpoint,
        topic=command.topic,
        sealed_secret=sealed_secret,
    )


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()

"""Subscribe an organisation to its own feed on a channel."""

import base64
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from linkage_contracts.codes import Channel
from linkage_runtime.errors import PermanentError, TransientError
from supervision_push.application.feed_ports import Watermarks
from supervision_push.application.subscription_ports import FeedSearch, Subscriptions
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.preferences import Preferences
from supervision_push.domain.subscription import (
    Change,
    Subscription,
    SubscriptionState,
    feed_topic,
    subscription_id,
)

SECRET_BYTES = 32
"""Standard Webhooks asks for 24 to 64."""

MOST_SUBSCRIPTIONS = 50
"""Of one organisation: each is a delivery of its own, and a Kafka topic is never taken away."""


class Start(StrEnum):
    """Where a new subscription begins, unless at a time."""

    BEGINNING = "beginning"
    NOW = "now"


class TooManySubscriptionsError(PermanentError):
    """The organisation has as many as one may have."""

    def __init__(self) -> None:
        super().__init__(
            f"每个单位最多 {MOST_SUBSCRIPTIONS} 项订阅,请先取消不用的 "
            "(an organisation has that many at most: unsubscribe what is not used)"
        )


class OtherSettingsError(PermanentError):
    """It is there already with other settings, which only a change may replace."""

    def __init__(self, existing: str) -> None:
        super().__init__(
            "已有同名订阅,但设置不同;请用 PATCH 修改 "
            "(a subscription of this name exists with other settings: change it by PATCH)"
        )
        self.existing = existing


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """``endpoint`` is given for webhooks, and only for them."""

    organisation: str
    channel: Channel
    by: str
    """The id of the key that asks."""
    endpoint: str | None = None
    name: str = ""
    preferences: Preferences = field(default_factory=Preferences)
    start: Start | datetime = Start.BEGINNING

    @property
    def id(self) -> str:
        """The same wish is the same subscription."""
        return subscription_id(self.organisation, self.channel, self.name or self.endpoint or "")

    @property
    def topic(self) -> str | None:
        """The subscription's own topic, where it chose Kafka."""
        kafka = self.channel is Channel.KAFKA
        return feed_topic(self.organisation, self.name) if kafka else None

    def agrees_with(self, there: Subscription) -> bool:
        """Whether asking for this again asks for nothing new."""
        return (there.endpoint, there.preferences) == (self.endpoint, self.preferences)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """The subscription; ``secret`` in clear only when it was just made, and never again."""

    subscription: Subscription
    secret: str | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribePorts:
    """What subscribing needs from outside."""

    subscriptions: Subscriptions
    watermarks: Watermarks
    search: FeedSearch
    check_endpoint: Callable[[str], Awaitable[None]]
    create_topic: Callable[[str, str], Awaitable[None]]
    """A topic, and the organisation that alone may read it."""
    seal: Callable[[str, str], bytes]
    partition_of: Callable[[str], int]
    clock: Callable[[], datetime]


async def subscribe(command: Subscribe, *, ports: SubscribePorts) -> Subscribed:
    """Make the subscription; an old one goes on where it stood.

    A webhook waits for its endpoint to answer a signed test. The deliverer sends that after this
    has returned, because only the secret that is returned here lets the receiver verify it.

    Raises:
        ForbiddenEndpointError: nothing is ever sent to that address.
        OtherSettingsError: it is there already, with other settings.
        TooManySubscriptionsError: the organisation has as many as one may have.
        TransientError: the topic could not be made now.
    """
    if command.endpoint is not None:
        await ports.check_endpoint(command.endpoint)
    own = {one.id for one in await ports.subscriptions.of(command.organisation)}
    if command.id not in own and len(own) >= MOST_SUBSCRIPTIONS:
        raise TooManySubscriptionsError
    if command.topic is not None:
        await ports.create_topic(command.topic, command.organisation)
    secret = new_secret() if command.endpoint is not None else None
    at = ports.clock()
    made = replace(
        _subscription(command, await _position(command, ports), at),
        sealed_secret=ports.seal(command.id, secret) if secret else None,
    )
    change = Change(at=at, by=command.by, what="created")
    if await ports.subscriptions.add(made, change):
        return Subscribed(subscription=made, secret=secret, is_new=True)
    return Subscribed(subscription=await _resume(command, ports))


def new_secret() -> str:
    """As Standard Webhooks writes them."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


async def _position(command: Subscribe, ports: SubscribePorts) -> Cursor:
    partition = ports.partition_of(command.organisation)
    beginning = Cursor(epoch=await ports.watermarks.epoch(), partition=partition)
    if command.start is Start.BEGINNING:
        return beginning
    end = await ports.watermarks.of(partition)
    if not isinstance(command.start, datetime):
        return beginning.at(end)
    before = await ports.search.offset_before(command.organisation, beginning, command.start)
    return beginning.at(end if before is None else before)


async def _resume(command: Subscribe, ports: SubscribePorts) -> Subscription:
    there = await ports.subscriptions.find(command.id)
    if there is None:
        raise TransientError("the subscription was removed at this very moment")
    if not command.agrees_with(there):
        raise OtherSettingsError(there.id)
    if there.runs:
        return there
    at = ports.clock()
    after = replace(there.resumed(), edited_at=at)
    if await ports.subscriptions.save(there, after, Change(at=at, by=command.by, what="resumed")):
        return after
    raise TransientError("the subscription is being changed by somebody else")


def _subscription(command: Subscribe, position: Cursor, at: datetime) -> Subscription:
    webhook = command.channel is Channel.WEBHOOK
    return Subscription(
        id=command.id,
        organisation=command.organisation,
        channel=command.channel,
        position=position,
        created_at=at,
        edited_at=at,
        name=command.name,
        endpoint=command.endpoint,
        topic=command.topic,
        preferences=command.preferences,
        state=SubscriptionState.PENDING if webhook else SubscriptionState.ACTIVE,
    )

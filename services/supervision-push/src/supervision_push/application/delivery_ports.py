"""What delivering needs from outside, and what is under way in this process."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from supervision_push.application.feed_ports import (
    FeedLog,
    RecordDeliveries,
    Sender,
    SignReceipts,
    Watermarks,
)
from supervision_push.application.subscription_ports import FeedSearch, Subscriptions


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

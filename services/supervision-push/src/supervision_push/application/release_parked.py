"""Show what is parked, have it delivered again in order, or give up the entry that fails."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from linkage_runtime.errors import PermanentError
from supervision_push.application.change_subscription import Edit, change_subscription
from supervision_push.application.choose_entries import read_parked
from supervision_push.application.feed_ports import FeedLog
from supervision_push.application.subscription_ports import FeedSearch, Subscriptions
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.parking import discarded, redelivered
from supervision_push.domain.subscription import Parked, Subscription

SHOWN = 100
"""Entries of one party."""


class NotParkedError(PermanentError):
    """Nothing is parked from that offset on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedEntries:
    """One party's, in order; the first is the one that could not be delivered."""

    parked: Parked
    entries: Sequence[StoredEntry]


async def show_parked(
    subscription: Subscription, *, search: FeedSearch, feed: FeedLog
) -> list[ParkedEntries]:
    """Read from the feed what is parked, the first ``SHOWN`` of each party."""
    return [
        ParkedEntries(
            parked=parked,
            entries=await read_parked(subscription, parked, SHOWN, search=search, feed=feed),
        )
        for parked in subscription.parked
    ]


async def redeliver_parked(
    edit: Edit,
    offset: int | None,
    *,
    subscriptions: Subscriptions,
    clock: Callable[[], datetime],
) -> Subscription:
    """Of the party parked from ``offset`` on, or of all.

    Raises:
        NotParkedError: nothing is parked there.
        UnknownSubscriptionError: the organisation has no such subscription.
    """

    def step(there: Subscription) -> Subscription:
        for one in there.parked if offset is None else (_parked_at(there, offset),):
            there = redelivered(there, one)
        return there

    return await change_subscription(edit, step, subscriptions=subscriptions, clock=clock)


async def discard_parked(
    edit: Edit,
    offset: int,
    *,
    subscriptions: Subscriptions,
    clock: Callable[[], datetime],
) -> Subscription:
    """Give up the one entry at ``offset``; its party's later ones are delivered in order.

    Raises:
        NotParkedError: nothing is parked there.
        UnknownSubscriptionError: the organisation has no such subscription.
    """
    return await change_subscription(
        edit,
        lambda there: discarded(there, _parked_at(there, offset)),
        subscriptions=subscriptions,
        clock=clock,
    )


def _parked_at(subscription: Subscription, offset: int) -> Parked:
    for one in subscription.parked:
        if one.first == offset:
            return one
    raise NotParkedError("该位置没有搁置的条目 (nothing is parked at that offset)")

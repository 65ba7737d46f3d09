"""Deliver a window of time again; or only count what that would be."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from supervision_push.application.change_subscription import (
    Edit,
    UnknownSubscriptionError,
    change_subscription,
    require_sent,
)
from supervision_push.application.subscription_ports import FeedSearch, Subscriptions
from supervision_push.domain.cursor import BEFORE_FIRST
from supervision_push.domain.subscription import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Entries written to the feed at ``start`` or later, and before ``end`` if there is one."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What lies in the window: all of it, and what the filter lets through."""

    entries: int
    wanted: int
    after: int
    upto: int


async def count_window(
    window: Window, subscription: Subscription, *, search: FeedSearch
) -> Counted:
    """Only what the subscription has behind it: what lies ahead is delivered anyway."""
    beginning = subscription.position.at(BEFORE_FIRST)
    organisation, reached = subscription.organisation, subscription.reached
    after = await search.offset_before(organisation, beginning, window.start)
    upto = reached
    if window.end is not None:
        end = await search.offset_before(organisation, beginning, window.end)
        upto = reached if end is None else min(end, reached)
    if after is None or after >= upto:
        return Counted(entries=0, wanted=0, after=upto, upto=upto)
    entries = wanted = 0
    async for entry in search.outlines(organisation, beginning.at(after), upto):
        entries += 1
        wanted += subscription.preferences.filter.lets(entry)
    return Counted(entries=entries, wanted=wanted, after=after, upto=upto)


async def replay_feed(
    window: Window,
    edit: Edit,
    *,
    dry_run: bool,
    subscriptions: Subscriptions,
    search: FeedSearch,
    clock: Callable[[], datetime],
) -> Counted:
    """Move the cursor back to the window's start; at its end it goes on from where it stood.

    Raises:
        UnknownSubscriptionError: the organisation has no such subscription.
        NothingSentError: it is fetched.
    """
    there = await subscriptions.find(edit.subscription_id)
    if there is None or there.organisation != edit.organisation:
        raise UnknownSubscriptionError
    require_sent(there)
    counted = await count_window(window, there, search=search)
    if counted.wanted and not dry_run:
        await change_subscription(
            edit,
            lambda one: one.replayed(counted.after, counted.upto),
            subscriptions=subscriptions,
            clock=clock,
        )
    return counted

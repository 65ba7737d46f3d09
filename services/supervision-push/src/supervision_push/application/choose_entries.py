"""Choose what the next request of a subscription carries; waits until there is something."""

from collections.abc import Awaitable, Callable
from typing import Final

from supervision_push.application.feed_ports import FeedLog, Watermarks
from supervision_push.application.subscription_ports import FeedSearch
from supervision_push.domain.attempt import (
    Attempt,
    may_wait,
    next_attempt,
    parked_attempt,
)
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.parking import caught_up, released
from supervision_push.domain.subscription import Parked, Subscription

LOOKED_AHEAD: Final = 100
"""Read at once, however little a request may carry; a search for poison looks as far."""

Chosen = tuple[Subscription, Attempt | None]
"""The subscription, which may have passed over entries, and the next request if there is one."""


async def next_entries(
    subscription: Subscription,
    *,
    feed: FeedLog,
    watermarks: Watermarks,
    sleep: Callable[[float], Awaitable[None]],
) -> Chosen:
    """The next request; none when some were passed over and nothing else waits."""
    current, searched, waited = subscription, subscription.position.offset, False
    organisation = subscription.organisation
    limit = max(subscription.preferences.batch_size, LOOKED_AHEAD)
    while True:
        partition = current.position.partition
        upto = await watermarks.beyond(partition, searched, None, recipient=organisation)
        read = await feed.between(organisation, current.position, upto, limit)
        if not read:
            searched = upto
            continue
        attempt = next_attempt(current, read)
        if attempt is None:
            current = current.passed(read[-1].offset)
            searched = current.position.offset
            if len(read) < limit or searched >= upto:
                return current, None
        elif waited or not may_wait(current, attempt):
            return current, attempt
        else:
            await sleep(subscription.preferences.delay.total_seconds())
            waited = True


async def parked_entries(
    subscription: Subscription, parked: Parked, *, search: FeedSearch, feed: FeedLog
) -> Chosen:
    """The next of a party whose parked entries are delivered again; none when it caught up."""
    limit = subscription.preferences.batch_size
    read = await read_parked(subscription, parked, limit, search=search, feed=feed)
    if not read:
        return caught_up(subscription, parked), None
    attempt = parked_attempt(subscription, read)
    if attempt is None:
        return released(subscription, read[-1].offset + 1), None
    return subscription, attempt


async def read_parked(
    subscription: Subscription, parked: Parked, limit: int, *, search: FeedSearch, feed: FeedLog
) -> list[StoredEntry]:
    """A party's parked entries: from its first to where the subscription stands."""
    before = subscription.position.at(parked.first - 1)
    organisation = subscription.organisation
    if parked.party is None:
        return await feed.between(organisation, before, parked.first, 1)
    reached = subscription.reached
    return await search.of_party(organisation, before, reached, parked.party, limit)

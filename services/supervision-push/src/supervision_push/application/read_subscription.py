"""Read on under a name: entries that a filter lets through, after a cursor that is kept here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final

from linkage_runtime.errors import PermanentError, TransientError
from supervision_push.application.change_subscription import UnknownSubscriptionError
from supervision_push.application.feed_ports import FeedLog, RecordDeliveries, Watermarks
from supervision_push.application.read_feed import FeedPage, ReadFeed, record_in_parts
from supervision_push.application.subscription_ports import FeedSearch, Subscriptions
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.subscription import Subscription

LOOKED_AHEAD: Final = 100
"""Entries looked at for each page at least: a filter may let few through."""
SEARCHED_SECONDS: Final = 5.0
"""How long a request passes over what is not wanted; the next one goes on from there."""


class NotFetchedError(PermanentError):
    """It is paused, or a subscription on another channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPorts:
    """What reading under a name needs from outside."""

    subscriptions: Subscriptions
    feed: FeedLog
    search: FeedSearch
    watermarks: Watermarks
    record_deliveries: RecordDeliveries
    partition_of: Callable[[str], int]
    clock: Callable[[], datetime]


async def read_subscription(
    query: ReadFeed, subscription_id: str, *, ports: FetchPorts
) -> FeedPage:
    """The next wanted entries; what is not wanted is passed over.

    Presenting a cursor confirms what lies behind it; without one it goes on from what was confirmed
    last. Where the feeds were numbered anew that is their beginning.

    Raises:
        UnknownSubscriptionError: the organisation has no such subscription.
        NotFetchedError: it is paused, or is not read on this channel.
        OtherEpochError: the cursor is of an earlier numbering.
        BadCursorError: the cursor is of another feed.
    """
    there = await _own(query, subscription_id, ports)
    partition = ports.partition_of(query.organisation)
    epoch = await ports.watermarks.epoch()
    kept = there.position
    if kept.epoch != epoch:
        kept = Cursor(epoch=epoch, partition=partition)
    after = query.after.of_feed(epoch, partition) if query.after else kept
    upto = await ports.watermarks.of(partition)
    confirmed = after.at(min(after.offset, upto))
    if query.by_recipient and confirmed.offset > kept.offset:
        await _confirm(query, there, kept, confirmed, ports=ports)
    return await _await_wanted(query, there, after, upto, ports=ports)


async def _own(query: ReadFeed, subscription_id: str, ports: FetchPorts) -> Subscription:
    there = await ports.subscriptions.find(subscription_id)
    if there is None or there.organisation != query.organisation:
        raise UnknownSubscriptionError
    if there.channel is not query.channel:
        raise NotFetchedError(
            f"此订阅的渠道是 {there.channel},不在此处读取 "
            f"(a subscription on {there.channel} is not read here)"
        )
    if not there.runs:
        raise NotFetchedError("订阅已暂停,请先恢复 (the subscription is paused: resume it first)")
    return there


async def _confirm(
    query: ReadFeed, there: Subscription, kept: Cursor, confirmed: Cursor, *, ports: FetchPorts
) -> None:
    lets, organisation = there.preferences.filter.lets, query.organisation
    outlines = ports.search.outlines(organisation, kept, confirmed.offset)
    pushes = [one.push async for one in outlines if one.push and lets(one)]
    at = ports.clock()
    # Recorded before the cursor moves: whoever dies in between confirms and records again.
    await record_in_parts(ports.record_deliveries, organisation, pushes, query.channel, at)
    if not await ports.subscriptions.save(there, there.fetched(confirmed, at)):
        raise TransientError("the subscription was changed, or confirmed, at this very moment")


async def _await_wanted(
    query: ReadFeed, there: Subscription, after: Cursor, upto: int, *, ports: FetchPorts
) -> FeedPage:
    begun, position = monotonic(), after
    give_up, stop_searching = begun + query.wait, begun + max(query.wait, SEARCHED_SECONDS)
    organisation, lets = query.organisation, there.preferences.filter.lets
    while True:
        while upto > position.offset and monotonic() < stop_searching:
            look = max(query.limit, LOOKED_AHEAD)
            read = await ports.feed.between(organisation, position, upto, look)
            if wanted := [entry for entry in read if lets(entry)][: query.limit]:
                behind = wanted if len(wanted) == query.limit else read
                return FeedPage(entries=wanted, position=position.at(behind[-1].offset))
            position = position.at(read[-1].offset if read else upto)
        left = give_up - monotonic()
        if left <= 0:
            return FeedPage(entries=(), position=position)
        partition = position.partition
        upto = await ports.watermarks.beyond(partition, position.offset, left, organisation)

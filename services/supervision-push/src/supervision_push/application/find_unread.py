"""Find the feeds that nobody reads: work that was told, to an organisation that does not listen."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from supervision_push.application.feed_ports import Watermarks
from supervision_push.application.subscription_ports import FeedReaders, FeedSearch, Reader
from supervision_push.domain.cursor import BEFORE_FIRST, Cursor
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.subscription import FETCHED, SubscriptionState

MOST: Final = 1_000
"""Feeds looked into at once; whoever has more of them has read the first thousand's story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadFeed:
    """An organisation, the oldest entry that it has not read, and how it used to read."""

    organisation: str
    oldest: StoredEntry
    pulled_at: datetime | None
    subscriptions: Sequence[SubscriptionState]


async def find_unread(
    at: datetime,
    unread_after: timedelta,
    *,
    readers: FeedReaders,
    search: FeedSearch,
    watermarks: Watermarks,
    partition_of: Callable[[str], int],
) -> list[UnreadFeed]:
    """Feeds with an entry that has waited for so long, oldest first.

    Nothing that an active subscription is sent is among them, nor what was pulled lately, under a
    name or without one: those who fall behind are late by their clocks, not unreachable.
    """
    epoch, since = await watermarks.epoch(), at - unread_after
    pulled, subscribed = await readers.pulled(epoch), await _by_organisation(readers)
    found: list[UnreadFeed] = []
    for organisation in await readers.recipients():
        own = subscribed.get(organisation, ())
        offset, confirmed_at = pulled.get(organisation, (BEFORE_FIRST, None))
        pulled_at = _last_pulled(own, confirmed_at)
        read = max([offset, *(one.offset for one in own if one.epoch == epoch)])
        served = any(one.state is SubscriptionState.ACTIVE and not _fetches(one) for one in own)
        if served or (pulled_at is not None and pulled_at > since):
            continue
        behind = Cursor(epoch=epoch, partition=partition_of(organisation), offset=read)
        oldest = await search.oldest(organisation, behind)
        if oldest is not None and oldest.stored_at is not None and oldest.stored_at <= since:
            states = [one.state for one in own]
            found.append(
                UnreadFeed(
                    organisation=organisation,
                    oldest=oldest,
                    pulled_at=pulled_at,
                    subscriptions=states,
                )
            )
        if len(found) == MOST:
            break
    return sorted(found, key=lambda one: (one.oldest.stored_at or at, one.organisation))


def _fetches(reader: Reader) -> bool:
    return reader.channel in FETCHED


def _last_pulled(own: Sequence[Reader], confirmed_at: datetime | None) -> datetime | None:
    named = (one.delivered_at for one in own if _fetches(one))
    return max((at for at in (confirmed_at, *named) if at is not None), default=None)


async def _by_organisation(readers: FeedReaders) -> dict[str, list[Reader]]:
    own: defaultdict[str, list[Reader]] = defaultdict(list)
    for reader in await readers.subscribed():
        own[reader.organisation].append(reader)
    return own

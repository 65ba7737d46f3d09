"""Read one organisation's feed after a cursor, waiting a while for a first entry (long poll)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from linkage_contracts.codes import Channel
from supervision_push.application.feed_ports import (
    FeedLog,
    PullPositions,
    RecordDeliveries,
    Watermarks,
)
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.entry import PushOutline, StoredEntry

RECORDED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFeed:
    """A request for the next page."""

    organisation: str
    after: Cursor | None
    limit: int
    wait: float
    """Seconds to wait for a first entry."""
    by_recipient: bool
    """The organisation itself reads: what is behind its cursor counts as delivered."""
    channel: Channel = Channel.PULL


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """Entries in order, and the cursor to present next."""

    entries: Sequence[StoredEntry]
    position: Cursor


async def read_feed(
    query: ReadFeed,
    *,
    feed: FeedLog,
    watermarks: Watermarks,
    positions: PullPositions,
    record_deliveries: RecordDeliveries,
    partition_of: Callable[[str], int],
    clock: Callable[[], datetime],
) -> FeedPage:
    """The next entries, never beyond the watermark: no reader skips one still being written.

    Presenting a cursor confirms what lies behind it: those pushes count as delivered.

    Raises:
        OtherEpochError: the cursor is of an earlier numbering.
        BadCursorError: the cursor is of another feed.
    """
    epoch, partition = await watermarks.epoch(), partition_of(query.organisation)
    beginning = Cursor(epoch=epoch, partition=partition)
    after = query.after.of_feed(epoch, partition) if query.after else beginning
    upto = await watermarks.of(partition)
    if query.by_recipient:
        known = await positions.confirmed(query.organisation, beginning)
        confirmed = after.at(min(after.offset, upto))
        if confirmed.offset > known.offset:
            pushes = await feed.pushes_between(query.organisation, known, confirmed.offset)
            await record_in_parts(
                record_deliveries, query.organisation, pushes, query.channel, clock()
            )
            await positions.confirm(query.organisation, confirmed)
    entries = await _await_entries(query, after, upto, feed=feed, watermarks=watermarks)
    position = after.at(entries[-1].offset) if entries else after
    return FeedPage(entries=entries, position=position)


async def record_in_parts(
    record: RecordDeliveries,
    organisation: str,
    pushes: Sequence[PushOutline],
    channel: Channel,
    at: datetime,
) -> None:
    """Record deliveries: all that a reader confirmed at once may be very many."""
    for start in range(0, len(pushes), RECORDED_AT_ONCE):
        await record(organisation, pushes[start : start + RECORDED_AT_ONCE], channel, at)


async def _await_entries(
    query: ReadFeed, after: Cursor, upto: int, *, feed: FeedLog, watermarks: Watermarks
) -> list[StoredEntry]:
    give_up, searched = monotonic() + query.wait, after.offset
    while True:
        if upto > searched:
            if entries := await feed.between(query.organisation, after, upto, query.limit):
                return entries
            searched = upto
        left = give_up - monotonic()
        if left <= 0:
            return []
        upto = await watermarks.beyond(after.partition, searched, left, query.organisation)

"""Reading a feed by pull: in order, never beyond the watermark, and what a cursor confirms."""

import asyncio
from dataclasses import replace

import pytest

from linkage_contracts.codes import Channel
from linkage_runtime.errors import TransientError
from supervision_push.application.read_feed import FeedPage, ReadFeed, read_feed
from supervision_push.application.write_feed import write_feed
from supervision_push.domain.cursor import BadCursorError, Cursor, OtherEpochError
from supervision_push.domain.entry import opened_by
from supervision_push.domain.stretch import stretches
from tests.unit.feed_fakes import BUREAU, EPOCH, NOON, MemoryFeed, Recorded, an_entry


async def page(
    feed: MemoryFeed,
    after: Cursor | None = None,
    *,
    recorded: Recorded | None = None,
    limit: int = 100,
    wait: float = 0.0,
    by_recipient: bool = True,
) -> FeedPage:
    query = ReadFeed(
        organisation=BUREAU, after=after, limit=limit, wait=wait, by_recipient=by_recipient
    )
    return await read_feed(
        query,
        feed=feed,
        watermarks=feed,
        positions=feed,
        record_deliveries=(recorded or Recorded()).record,
        partition_of=lambda _: 0,
        clock=lambda: NOON,
    )


def offsets(read: FeedPage) -> list[int]:
    return [entry.offset for entry in read.entries]


async def test_entries_come_in_order_page_by_page() -> None:
    feed = MemoryFeed()
    await write_feed([an_entry(offset) for offset in (3, 1, 2, 8, 5)], feed=feed)
    first = await page(feed, limit=2)
    second = await page(feed, first.position, limit=2)
    third = await page(feed, second.position, limit=2)
    assert [offsets(first), offsets(second), offsets(third)] == [[1, 2], [3, 5], [8]]


async def test_nothing_beyond_the_watermark_is_seen_though_it_is_stored() -> None:
    feed = MemoryFeed()
    await feed.insert([an_entry(1), an_entry(2)])
    await feed.raise_watermarks(stretches([an_entry(1)]))
    assert offsets(await page(feed)) == [1]


async def test_a_reader_skips_nothing_that_is_still_being_written() -> None:
    feed, read = MemoryFeed(), []
    position: Cursor | None = None
    for batch in ([4, 2], [6, 5, 9], [11]):
        entries = [an_entry(offset) for offset in batch]
        await feed.insert(entries)
        seen = await page(feed, position)
        read += offsets(seen)
        position = seen.position
        await feed.raise_watermarks(stretches(entries))
    read += offsets(await page(feed, position))
    assert read == [2, 4, 5, 6, 9, 11]


async def test_a_second_copy_at_a_later_offset_changes_nothing_but_the_watermark() -> None:
    feed = MemoryFeed()
    await write_feed([an_entry(1)], feed=feed)
    copy = replace(an_entry(1), offset=7)
    assert await write_feed([copy], feed=feed) == {copy.id}
    assert offsets(await page(feed)) == [1]
    assert await feed.of(0) == 7


async def test_a_long_poll_ends_as_soon_as_there_is_an_entry() -> None:
    feed = MemoryFeed()
    waiting = asyncio.create_task(page(feed, wait=20))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    await write_feed([an_entry(0)], feed=feed)
    async with asyncio.timeout(1):
        assert offsets(await waiting) == [0]


async def test_a_long_poll_is_not_ended_by_another_organisations_entry() -> None:
    feed = MemoryFeed()
    waiting = asyncio.create_task(page(feed, wait=0.05))
    await asyncio.sleep(0.01)
    await write_feed([an_entry(0, recipient="somebody else")], feed=feed)
    empty = await waiting
    assert offsets(empty) == []
    assert empty.position == Cursor(epoch=EPOCH, partition=0)


async def test_presenting_a_cursor_confirms_what_lies_behind_it_once() -> None:
    feed, recorded = MemoryFeed(), Recorded()
    await write_feed([an_entry(offset) for offset in range(4)], feed=feed)
    first = await page(feed, recorded=recorded, limit=3)
    assert recorded.deliveries == []
    pushes = tuple(one.push_id for one in opened_by(first.entries))
    await page(feed, first.position, recorded=recorded)
    await page(feed, first.position, recorded=recorded)
    assert recorded.deliveries == [(BUREAU, pushes, Channel.PULL)]


async def test_a_cursor_from_the_future_confirms_no_more_than_there_is() -> None:
    feed, recorded = MemoryFeed(), Recorded()
    await write_feed([an_entry(0)], feed=feed)
    await page(feed, Cursor(epoch=EPOCH, partition=0, offset=1_000), recorded=recorded)
    await write_feed([an_entry(1)], feed=feed)
    await page(feed, Cursor(epoch=EPOCH, partition=0, offset=1), recorded=recorded)
    assert [len(pushes) for _, pushes, _ in recorded.deliveries] == [1, 1]


async def test_oversight_may_look_without_anything_counting_as_delivered() -> None:
    feed, recorded = MemoryFeed(), Recorded()
    await write_feed([an_entry(0), an_entry(1)], feed=feed)
    seen = await page(feed, recorded=recorded, by_recipient=False)
    await page(feed, seen.position, recorded=recorded, by_recipient=False)
    assert recorded.deliveries == []


async def test_deliveries_are_durable_before_the_position_is_confirmed() -> None:
    feed, recorded = MemoryFeed(), Recorded(away=1)
    await write_feed([an_entry(0)], feed=feed)
    after = (await page(feed)).position
    with pytest.raises(TransientError):
        await page(feed, after, recorded=recorded)
    await page(feed, after, recorded=recorded)
    assert len(recorded.deliveries) == 1


async def test_a_cursor_of_another_epoch_or_feed_is_told_apart() -> None:
    feed = MemoryFeed()
    with pytest.raises(OtherEpochError):
        await page(feed, Cursor(epoch="other", partition=0, offset=0))
    with pytest.raises(BadCursorError):
        await page(feed, Cursor(epoch=EPOCH, partition=5, offset=0))

"""Many readers of one feed while it is written: none of them misses an entry."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from typing import Final
from uuid import UUID

from linkage_runtime.clock import now
from linkage_runtime.mongo import Database
from supervision_push.adapters.feeds.mongo_feed import (
    MongoFeedLog,
    MongoPullPositions,
    number_feeds,
)
from supervision_push.adapters.feeds.mongo_watermarks import MongoWatermarks
from supervision_push.application.read_feed import FeedPage, ReadFeed, read_feed
from supervision_push.application.write_feed import write_feed
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.entry import StoredEntry
from tests.unit.feed_fakes import Recorded, an_entry

READ: Final = "11450721XN0721119Y"
OTHERS: Final = [f"11450721XN07211{n}" for n in range(10, 90)]
ENTRIES: Final = 20_000
PARTITION: Final = 0
WORKERS: Final = ((PARTITION, 1), (2, 3))
"""The partitions that each worker has; its batches hold entries of both."""
LIMITS: Final = (50, 100, 100, 250, 250, 500, 500, 1_000, 1_000, 1_000)
LATE: Final = 1.0
"""Seconds after which every third reader begins, and double that for the last of them."""
STRETCH: Final = 1_000
"""How much of one partition a batch has at most."""
PIECES: Final = 3
TWICE: Final = 0.1
"""Share of the batches that a worker which lost its partitions writes at the same moment."""
SENT_AGAIN: Final = 0.01
"""Share of the entries of which a second copy stands later in the log."""


def a_log(random: Random, partition: int) -> list[StoredEntry]:
    """A partition of the topic; in the first, every fourth entry is somebody else's."""
    log: list[StoredEntry] = []
    left = ENTRIES if partition == PARTITION else ENTRIES // 16
    while left:
        if log and random.random() < SENT_AGAIN:
            log.append(replace(random.choice(log[-2 * STRETCH :]), offset=len(log)))
            continue
        own = partition == PARTITION and random.random() < 3 / 4
        recipient = READ if own else random.choice(OTHERS)
        log.append(an_entry(len(log), recipient=recipient, partition=partition))
        left -= own or partition != PARTITION
    return log


def batches(random: Random, logs: Sequence[list[StoredEntry]]) -> Iterator[list[StoredEntry]]:
    """Stretches of the logs, one among the other; each log stays in order."""
    rest = [*logs]
    while any(rest):
        sizes = [random.randint(0, STRETCH) for _ in rest]
        taken = [log[:size] for log, size in zip(rest, sizes, strict=True)]
        rest = [log[size:] for log, size in zip(rest, sizes, strict=True)]
        yield sorted((one for some in taken for one in some), key=lambda entry: entry.offset)


class ScatteredInserts(MongoFeedLog):
    """Inserts piece by piece, with holes between them for a while, as a MongoDB server may.

    The embedded database inserts a batch at one stroke: no reader would ever meet a hole.
    """

    async def insert(self, entries: Sequence[StoredEntry]) -> frozenset[str]:
        known: frozenset[str] = frozenset()
        for piece in range(PIECES):
            some = [entry for entry in entries if UUID(entry.id).int % PIECES == piece]
            known |= await super().insert(some)
        return known


async def work(random: Random, logs: Sequence[list[StoredEntry]], store: Database) -> None:
    own, former = ScatteredInserts(store), ScatteredInserts(store)
    for batch in batches(random, logs):
        writers = [own, former] if random.random() < TWICE else [own]
        await asyncio.gather(*(write_feed(batch, feed=feed) for feed in writers))


@dataclass
class Reader:
    """Follows the feed by pull, and presents its cursor as every client does."""

    read: Callable[[ReadFeed], Awaitable[FeedPage]]
    limit: int
    late: float
    offsets: list[int] = field(default_factory=list)
    found_while_written: int = 0

    async def follow(self, written: asyncio.Event) -> None:
        """Until all is written and there is nothing more."""
        await asyncio.sleep(self.late)
        cursor: str | None = None
        while True:
            is_over = written.is_set()
            page = await self.read(
                ReadFeed(
                    organisation=READ,
                    after=Cursor.decode(cursor) if cursor else None,
                    limit=self.limit,
                    wait=0.5,
                    by_recipient=True,
                )
            )
            self.offsets += [entry.offset for entry in page.entries]
            self.found_while_written += 0 if written.is_set() else len(page.entries)
            if is_over and not page.entries:
                return
            cursor = page.position.encode()


def reader(number: int, limit: int, store: Database, watermarks: MongoWatermarks) -> Reader:
    read = partial(
        read_feed,
        feed=MongoFeedLog(store),
        watermarks=watermarks,
        positions=MongoPullPositions(store),
        record_deliveries=Recorded().record,
        partition_of=lambda _: PARTITION,
        clock=now,
    )
    return Reader(read=read, limit=limit, late=number // 3 % 3 * LATE)


async def test_ten_readers_of_20_000_entries_have_each_once_and_in_order_while_they_are_written(
    store: Database,
) -> None:
    random = Random(20_000)  # noqa: S311 -- an example that can be repeated
    await MongoFeedLog(store).create_indexes()
    await number_feeds(store)
    logs = {one: a_log(random, one) for pair in WORKERS for one in pair}
    apis = [MongoWatermarks(store), MongoWatermarks(store)]
    readers = [reader(n, limit, store, apis[n % 2]) for n, limit in enumerate(LIMITS)]
    written = asyncio.Event()

    async def write_all() -> None:
        pairs = [[logs[one] for one in pair] for pair in WORKERS]
        await asyncio.gather(*(work(random, pair, store) for pair in pairs))
        written.set()

    await asyncio.gather(write_all(), *(one.follow(written) for one in readers))
    first: dict[str, int] = {}
    for entry in logs[PARTITION]:
        if entry.recipient == READ:
            first.setdefault(entry.id, entry.offset)
    wanted = [*first.values()]
    assert len(wanted) == ENTRIES < len(logs[PARTITION])
    for one in readers:
        assert one.offsets == wanted, f"the reader of {one.limit} at a time"
        assert one.found_while_written

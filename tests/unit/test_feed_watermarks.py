"""Waiting for watermarks: one poll for all who wait, and none when nobody does."""

import asyncio
from collections import defaultdict
from typing import Any, cast

import pytest
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError

from linkage_runtime.errors import TransientError
from supervision_push.adapters.feeds.mongo_watermarks import MongoWatermarks


class Watermarks:
    """As much of a database as is read: one collection, of a few documents."""

    def __init__(self, **offsets: int) -> None:
        self.offsets = {int(name[1:]): offset for name, offset in offsets.items()}
        self.recent: dict[int, list[dict[str, Any]]] = defaultdict(list)
        self.provisioned, self.away, self.reads = True, False, 0
        self.trouble: PyMongoError = AutoReconnect()

    def write(self, partition: int, recipient: str) -> None:
        """One more stretch, of one entry."""
        last = self.offsets.get(partition, -1) + 1
        self.offsets[partition] = last
        told = {"first": last, "last": last, "recipients": [recipient]}
        self.recent[partition] = [*self.recent[partition], told][-16:]

    def __getitem__(self, name: str) -> "Watermarks":
        assert name == "watermarks"
        return self

    def find(self) -> "Watermarks":
        return self

    async def to_list(self, _length: int | None) -> list[dict[str, Any]]:
        self.reads += 1
        if self.away:
            raise self.trouble
        epoch: list[dict[str, Any]] = [{"_id": "epoch", "epoch": "e7"}] if self.provisioned else []
        marks = self.offsets.items()
        return epoch + [
            {"_id": key, "offset": one, "recent": self.recent[key]} for key, one in marks
        ]

    @property
    def reader(self) -> MongoWatermarks:
        return MongoWatermarks(cast("Any", self))


async def test_the_epoch_and_each_partitions_watermark_are_read() -> None:
    reader = Watermarks(p0=4).reader
    assert await reader.epoch() == "e7"
    assert await reader.of(0) == 4
    assert await reader.of(1) == -1


async def test_what_is_passed_already_is_answered_at_once() -> None:
    store = Watermarks(p0=4)
    assert await store.reader.beyond(0, 3, 30) == 4
    assert store.reads == 1


async def test_a_wait_ends_when_its_own_partition_moves() -> None:
    store = Watermarks(p0=4, p1=0)
    reader = store.reader
    waiting = asyncio.create_task(reader.beyond(0, 4, 30))
    await asyncio.sleep(0.05)
    store.offsets[1] = 9
    await asyncio.sleep(0.05)
    assert not waiting.done()
    store.offsets[0] = 5
    assert await asyncio.wait_for(waiting, 2) == 5


async def test_a_wait_that_is_too_long_ends_with_what_there_is() -> None:
    assert await Watermarks(p0=4).reader.beyond(0, 4, 0.05) == 4


async def test_however_many_wait_one_poll_serves_them_and_then_it_ends() -> None:
    store = Watermarks(p0=0)
    reader = store.reader
    waiting = [asyncio.create_task(reader.beyond(0, 0, 30)) for _ in range(200)]
    await asyncio.sleep(0.1)
    assert store.reads < 20
    store.offsets[0] = 1
    assert set(await asyncio.wait_for(asyncio.gather(*waiting), 2)) == {1}
    await asyncio.sleep(0.05)
    reads = store.reads
    await asyncio.sleep(0.1)
    assert store.reads == reads


async def test_a_database_that_goes_away_is_told_to_all_who_wait_and_asked_again() -> None:
    store = Watermarks(p0=0)
    reader = store.reader
    waiting = [asyncio.create_task(reader.beyond(0, 0, 30)) for _ in range(3)]
    await asyncio.sleep(0.03)
    store.away = True
    outcomes = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 2)
    assert {type(outcome) for outcome in outcomes} == {TransientError}
    store.away, store.offsets[0] = False, 7
    assert await asyncio.wait_for(reader.beyond(0, 0, 30), 2) == 7


async def test_trouble_that_nobody_foresaw_lets_nobody_wait_for_ever() -> None:
    store = Watermarks(p0=4)
    store.trouble = OperationFailure("cursor not found", 43)
    reader = store.reader
    waiting = asyncio.create_task(reader.beyond(0, 4, None))
    await asyncio.sleep(0.05)
    store.away = True
    with pytest.raises(OperationFailure):
        await asyncio.wait_for(waiting, 2)


async def test_feeds_that_have_no_epoch_yet_are_trouble_that_passes() -> None:
    store = Watermarks(p0=4)
    store.provisioned = False
    reader = store.reader
    with pytest.raises(TransientError):
        await reader.of(0)
    store.provisioned = True
    assert await reader.of(0) == 4


async def test_what_is_told_to_others_ends_no_readers_wait() -> None:
    store = Watermarks(p0=0)
    reader = store.reader
    waiting = asyncio.create_task(reader.beyond(0, 0, 30, "ours"))
    await asyncio.sleep(0.03)
    for _ in range(3):
        for _ in range(10):
            store.write(0, "theirs")
        await asyncio.sleep(0.05)
    assert not waiting.done()
    store.write(0, "ours")
    store.write(0, "theirs")
    assert await asyncio.wait_for(waiting, 2) == 32


async def test_what_was_told_before_the_wait_began_ends_it_at_once() -> None:
    store = Watermarks(p0=0)
    store.write(0, "ours")
    store.write(0, "theirs")
    assert await store.reader.beyond(0, 0, 30, "ours") == 2
    assert await store.reader.beyond(0, 1, 0.05, "ours") == 2
    assert store.reads < 10


async def test_a_reader_who_may_have_missed_a_stretch_looks() -> None:
    store = Watermarks(p0=0)
    reader = store.reader
    waiting = asyncio.create_task(reader.beyond(0, 0, 30, "ours"))
    await asyncio.sleep(0.03)
    for _ in range(17):  # more between two polls than a watermark names
        store.write(0, "theirs")
    assert await asyncio.wait_for(waiting, 2) == 17

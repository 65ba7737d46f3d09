"""Reads topics from beginning to end, by no consumer group."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

from linkage_runtime.log_consumer import log_consumer

_PER_POLL = 2_000


async def records_of(kafka: str, topics: Iterable[str]) -> AsyncIterator[Any]:
    """Every record that stands on these topics when it begins; a partition's in order."""
    async with log_consumer(kafka, topics) as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
        left = {partition for partition, end in ends.items() if end > 0}
        while left:
            polled = await consumer.getmany(*left, timeout_ms=500, max_records=_PER_POLL)
            for records in polled.values():
                for record in records:
                    yield record
            left = {p for p in left if await consumer.position(p) < ends[p]}

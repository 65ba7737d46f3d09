"""Reads topics from beginning to end, by no consumer group."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

from linkage_runtime.log_consumer import log_consumer, read_between


async def records_of(kafka: str, topics: Iterable[str]) -> AsyncIterator[Any]:
    """Every record that stands on these topics when it begins; a partition's in order."""
    async with log_consumer(kafka, topics) as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
        async for records, _ in read_between(consumer, {}, ends):
            for record in records:
                yield record

"""Reads topics from beginning to end, by no consumer group."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from linkage_runtime.errors import TransientError
from linkage_runtime.settings import KafkaSettings

_PER_POLL = 2_000


async def records_of(kafka: str, topics: Iterable[str]) -> AsyncIterator[Any]:
    """Every record that stands on these topics when it begins; a partition's in order."""
    # Without a group a consumer is given all partitions of its topics.
    consumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=kafka,
        auto_offset_reset="earliest",
        **KafkaSettings().kafka_access.client_options(),
    )
    try:
        await consumer.start()
        ends = await consumer.end_offsets(consumer.assignment())
        left = {partition for partition, end in ends.items() if end > 0}
        while left:
            polled = await consumer.getmany(*left, timeout_ms=500, max_records=_PER_POLL)
            for records in polled.values():
                for record in records:
                    yield record
            left = {p for p in left if await consumer.position(p) < ends[p]}
    except KafkaError as error:
        raise TransientError(f"Kafka is away: {type(error).__name__}") from error
    finally:
        await consumer.stop()

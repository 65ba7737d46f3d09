"""The log since some positions, up to a cut in which no effect stands without its cause."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from linkage_contracts.topics import (
    ACTIONS,
    CREDIT_ACTS,
    DECISIONS,
    FEEDS,
    PROGRESS,
    RATINGS,
    RESULTS,
    TOPICS,
)
from linkage_runtime.books.ports import Batch, Positions, Read
from linkage_runtime.errors import TransientError
from linkage_runtime.log_consumer import log_consumer, next_of, read_between

_AT_ONCE = 5_000
_CAUSES_FIRST = (DECISIONS, RESULTS, ACTIONS, PROGRESS, FEEDS, CREDIT_ACTS, RATINGS)
"""Ends are asked for in the opposite order: what is read last was written last."""
_DEAD = {topic.dead_letter: topic.name for topic in TOPICS}
_ORDER = (*(topic.name for topic in _CAUSES_FIRST), *_DEAD)


class KafkaSource:
    """See ``Source``. It is in no consumer group: the positions are the books' own."""

    def __init__(self, kafka: str) -> None:
        self._kafka = kafka
        self._consumer: AIOKafkaConsumer | None = None
        self._connection = AsyncExitStack()

    async def batches(self, positions: Positions) -> AsyncIterator[Batch]:
        """See ``Source``."""
        now = dict(positions)
        try:
            consumer = await self._connected()
            ends = await _ends(consumer)
            for topic in _ORDER:
                wanted = {place: end for place, end in ends.items() if place.topic == topic}
                async for records, read in read_between(consumer, now, wanted, at_once=_AT_ONCE):
                    now |= read
                    yield Batch(records=[_read(one) for one in records], positions=dict(now))
        except KafkaError as error:
            raise TransientError(f"Kafka is away: {type(error).__name__}") from error

    async def lag(self, positions: Positions) -> int:
        """See ``Source``."""
        try:
            ends = await _ends(await self._connected())
        except KafkaError as error:
            raise TransientError(f"Kafka is away: {type(error).__name__}") from error
        return sum(max(0, end - next_of(positions, place)) for place, end in ends.items())

    async def close(self) -> None:
        """Disconnect."""
        await self._connection.aclose()
        self._consumer = None

    async def _connected(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            opened = log_consumer(self._kafka, _ORDER)
            self._consumer = await self._connection.enter_async_context(opened)
        return self._consumer


async def _ends(consumer: AIOKafkaConsumer) -> dict[TopicPartition, int]:
    ends: dict[TopicPartition, int] = {}
    for topic in reversed(_ORDER):
        ends |= await consumer.end_offsets([p for p in consumer.assignment() if p.topic == topic])
    return ends


def _read(record: Any) -> Read:  # noqa: ANN401 -- aiokafka is published without types
    at = datetime.fromtimestamp(record.timestamp / 1000, tz=UTC)
    reader = dict(record.headers).get("reader", b"").decode()
    return Read(record.topic, record.partition, record.offset, at, record.value, reader)

"""Reads whole topics in no group: nobody notices, and nothing is fetched before it is wanted."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from linkage_runtime.errors import TransientError
from linkage_runtime.settings import KafkaSettings

# A broker answers one connection in order, so a question for an end waits behind the fetch that
# waits for records: with Kafka's half second, balancing the books once took more than five seconds.
_FETCH_WAIT_MS = 20
_POLL_MS = 500


@asynccontextmanager
async def log_consumer(kafka: str, topics: Iterable[str]) -> AsyncIterator[AIOKafkaConsumer]:
    """Connected while the context lasts, with all partitions of these topics, all of them paused.

    Raises:
        TransientError: the broker is away.
    """
    # Without a group a consumer is given all partitions of its topics.
    consumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=kafka,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=_FETCH_WAIT_MS,
        **KafkaSettings().kafka_access.client_options(),
    )
    try:
        await consumer.start()
        consumer.pause(*consumer.assignment())
        yield consumer
    except KafkaError as error:
        raise TransientError(f"Kafka is away: {type(error).__name__}") from error
    finally:
        await consumer.stop()


async def read_between(
    consumer: AIOKafkaConsumer,
    positions: Mapping[str, int],
    ends: Mapping[TopicPartition, int],
    *,
    at_once: int = 2_000,
) -> AsyncIterator[tuple[list[Any], dict[str, int]]]:
    """Some records, a partition's in order, and the positions behind them.

    Args:
        consumer: see ``log_consumer``.
        positions: the next offset of each ``topic/partition``; one that is missing is read from its
            beginning.
        ends: the offset behind the last record of each partition that is to be read.
        at_once: how many records at most.
    """
    left = {place for place, end in ends.items() if next_of(positions, place) < end}
    for place in left:
        consumer.seek(place, next_of(positions, place))
    consumer.resume(*left)
    while left:
        polled = await consumer.getmany(*left, timeout_ms=_POLL_MS, max_records=at_once)
        now = {place: await consumer.position(place) for place in left}
        records = [record for some in polled.values() for record in some]
        yield records, {_name(place): offset for place, offset in now.items()}
        done = {place for place in left if now[place] >= ends[place]}
        consumer.pause(*done)
        left -= done


def next_of(positions: Mapping[str, int], place: TopicPartition) -> int:
    """Where a partition is to be read on."""
    return positions.get(_name(place), 0)


def _name(place: TopicPartition) -> str:
    return f"{place.topic}/{place.partition}"

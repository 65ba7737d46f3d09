"""A consumer of whole topics, from their beginning, in no group: nobody else notices it."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from linkage_runtime.errors import TransientError
from linkage_runtime.settings import KafkaSettings

# A broker answers one connection in order, so a question for an end waits behind the fetch that
# waits for records: with Kafka's half second, balancing the books once took more than five seconds.
_FETCH_WAIT_MS = 20


@asynccontextmanager
async def log_consumer(kafka: str, topics: Iterable[str]) -> AsyncIterator[AIOKafkaConsumer]:
    """Connected while the context lasts.

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
        yield consumer
    except KafkaError as error:
        raise TransientError(f"Kafka is away: {type(error).__name__}") from error
    finally:
        await consumer.stop()

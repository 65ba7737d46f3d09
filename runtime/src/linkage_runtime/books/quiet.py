"""Waits until nothing more is being written: the ends of all topics stand still."""

import asyncio
import time

from aiokafka import AIOKafkaConsumer

from linkage_contracts.topics import TOPICS
from linkage_runtime.settings import KafkaSettings

_LOOK_SECONDS = 0.5


def await_quiet(kafka: str, *, quiet: float, patience: float) -> bool:
    """Return True once no topic grew for ``quiet`` seconds, False after ``patience`` seconds."""
    return asyncio.run(_await_quiet(kafka, quiet, patience))


async def _await_quiet(kafka: str, quiet: float, patience: float) -> bool:
    consumer = AIOKafkaConsumer(
        *(topic.name for topic in TOPICS),
        bootstrap_servers=kafka,
        **KafkaSettings().kafka_access.client_options(),
    )
    await consumer.start()
    try:
        partitions = consumer.assignment()
        deadline = time.monotonic() + patience
        since, last = time.monotonic(), await consumer.end_offsets(partitions)
        while time.monotonic() < deadline:
            await asyncio.sleep(_LOOK_SECONDS)
            ends = await consumer.end_offsets(partitions)
            if ends != last:
                since, last = time.monotonic(), ends
            elif time.monotonic() - since >= quiet:
                return True
        return False
    finally:
        await consumer.stop()

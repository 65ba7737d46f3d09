"""Waits until nothing more is being written: the ends of all topics stand still."""

import asyncio
import time

from linkage_contracts.topics import TOPICS
from linkage_runtime.log_consumer import log_consumer

_LOOK_SECONDS = 0.5


def await_quiet(kafka: str, *, quiet: float, patience: float) -> bool:
    """Return True once no topic grew for ``quiet`` seconds, False after ``patience`` seconds."""
    return asyncio.run(_await_quiet(kafka, quiet, patience))


async def _await_quiet(kafka: str, quiet: float, patience: float) -> bool:
    async with log_consumer(kafka, [topic.name for topic in TOPICS]) as consumer:
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

"""How far a consumer group is behind its topics."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient

from linkage_contracts.topics import TOPICS
from linkage_runtime.log_consumer import log_consumer


def lag(kafka: str, group: str) -> int:
    """Records on the topics that the group reads, and has not committed."""
    return asyncio.run(_lag(kafka, group))


async def _lag(kafka: str, group: str) -> int:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    read = [topic.name for topic in TOPICS if group in topic.readers]
    await admin.start()
    try:
        committed = await admin.list_consumer_group_offsets(group)
        async with log_consumer(kafka, read) as consumer:
            ends = await consumer.end_offsets(consumer.assignment())
    finally:
        await admin.close()
    return sum(
        end - max(0, committed[place].offset if place in committed else 0)
        for place, end in ends.items()
    )

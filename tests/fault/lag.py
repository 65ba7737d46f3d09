"""How far a consumer group is behind its topics."""

import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from linkage_contracts.topics import TOPICS


def lag(kafka: str, group: str) -> int:
    """Records on the topics that the group reads, and has not committed."""
    return asyncio.run(_lag(kafka, group))


async def _lag(kafka: str, group: str) -> int:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    read = [topic.name for topic in TOPICS if group in topic.readers]
    consumer = AIOKafkaConsumer(*read, bootstrap_servers=kafka)
    await admin.start()
    await consumer.start()
    try:
        committed = await admin.list_consumer_group_offsets(group)
        ends: dict[TopicPartition, int] = await consumer.end_offsets(consumer.assignment())
    finally:
        await consumer.stop()
        await admin.close()
    return sum(
        end - max(0, committed[place].offset if place in committed else 0)
        for place, end in ends.items()
    )

"""How many partitions lack a replica that is in sync."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from linkage_contracts.topics import TOPICS


def out_of_sync(kafka: str) -> int:
    """Partitions of our topics that some broker has not wholly; also while nobody can say."""
    return asyncio.run(_out_of_sync(kafka))


async def _out_of_sync(kafka: str) -> int:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        described = await admin.describe_topics([topic.name for topic in TOPICS])
    except KafkaError:
        return len(TOPICS)
    finally:
        await admin.close()
    partitions = [partition for topic in described for partition in topic["partitions"]]
    lacking = sum(len(one["isr"]) < len(one["replicas"]) for one in partitions)
    return lacking if partitions else len(TOPICS)

from dataclasses import replace

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from linkage_contracts.topics import DECISIONS, RATINGS, TOPICS
from linkage_runtime.stack.provision import ProvisionError, provision_topics

PARTITIONS = 8


@pytest.fixture
async def provisioned(kafka: str) -> str:
    await provision_topics(kafka, partitions=PARTITIONS)
    return kafka


async def test_provisioning_twice_changes_nothing(kafka: str) -> None:
    await provision_topics(kafka, partitions=PARTITIONS)
    again = await provision_topics(kafka, partitions=PARTITIONS)
    assert again.created == ()
    assert len(again.existing) == 2 * len(TOPICS)


async def test_another_number_of_partitions_is_refused(provisioned: str) -> None:
    with pytest.raises(ProvisionError, match=rf"4 partitions .* {DECISIONS.name} has 8"):
        await provision_topics(provisioned, partitions=4)


async def test_a_topic_that_would_forget_is_refused(kafka: str) -> None:
    forgetful = replace(DECISIONS, name=f"forgetful.{DECISIONS.name}")
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        settings = {"retention.ms": "3600000"}
        await admin.create_topics([NewTopic(forgetful.name, 1, 1, topic_configs=settings)])
    finally:
        await admin.close()
    with pytest.raises(ProvisionError, match=r"has retention.ms=3600000, not -1"):
        await provision_topics(kafka, partitions=1, topics=[forgetful])


async def test_what_was_acknowledged_is_read_back_in_the_order_of_its_key(
    provisioned: str,
) -> None:
    sent = [f"{number}:食品经营许可".encode() for number in range(500)]
    producer = AIOKafkaProducer(bootstrap_servers=provisioned, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        waiting = [await producer.send(RATINGS.name, body, key=b"party") for body in sent]
        partition = (await waiting[0]).partition
        await waiting[-1]
    finally:
        await producer.stop()
    assert await read(provisioned, RATINGS.name, partition, len(sent)) == sent


@pytest.mark.parametrize("extra", [0, 32 * 1024], ids=["whole", "with reasons"])
async def test_the_largest_message_still_fits_its_dead_letter_topic(
    provisioned: str, extra: int
) -> None:
    body = b"x" * (1024 * 1024 - 1024 + extra)
    producer = AIOKafkaProducer(bootstrap_servers=provisioned, max_request_size=2 * len(body))
    await producer.start()
    try:
        at = await producer.send_and_wait(DECISIONS.dead_letter, body)
    finally:
        await producer.stop()
    read_back = await read(provisioned, at.topic, at.partition, 1, offset=at.offset)
    assert read_back == [body]


async def read(
    kafka: str, topic: str, partition: int, count: int, *, offset: int = 0
) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False)
    await consumer.start()
    try:
        place = TopicPartition(topic, partition)
        consumer.assign([place])
        consumer.seek(place, offset)
        return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()

"""How far groups have read: noted, set again, and refused where it would lose something."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from linkage_contracts.topics import DECISIONS
from linkage_runtime.backup.positions import (
    Positions,
    PositionsError,
    note_positions,
    read_positions,
    set_positions,
)
from linkage_runtime.stack.provision import provision_topics

pytestmark = pytest.mark.apache

GROUP = "credit"
PLACE = TopicPartition(DECISIONS.name, 0)
NAME = f"{DECISIONS.name}/0"


@pytest.fixture
async def noted(apache_kafka: str) -> Positions:
    """A group that has read three of five records."""
    await provision_topics(apache_kafka)
    producer = AIOKafkaProducer(bootstrap_servers=apache_kafka)
    await producer.start()
    for _ in range(5):
        await producer.send_and_wait(PLACE.topic, b"{}", partition=PLACE.partition)
    await producer.stop()
    reader = AIOKafkaConsumer(
        bootstrap_servers=apache_kafka, group_id=GROUP, enable_auto_commit=False
    )
    await reader.start()
    reader.assign([PLACE])
    end = (await reader.end_offsets([PLACE]))[PLACE]
    await reader.commit({PLACE: end - 2})
    await reader.stop()
    return await note_positions(apache_kafka)


async def committed(kafka: str) -> int:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    offsets = await admin.list_consumer_group_offsets(GROUP)
    await admin.close()
    return int(offsets[PLACE].offset)


async def test_a_group_goes_on_from_where_it_was_noted(
    apache_kafka: str, noted: Positions, tmp_path: Path
) -> None:
    noted.write(tmp_path / "positions.json")
    earlier = replace(noted, groups={**noted.groups, GROUP: {NAME: noted.groups[GROUP][NAME] - 1}})
    await set_positions(apache_kafka, earlier)
    assert await committed(apache_kafka) == noted.groups[GROUP][NAME] - 1
    taken = await set_positions(apache_kafka, read_positions(tmp_path / "positions.json"))
    assert await committed(apache_kafka) == noted.groups[GROUP][NAME]
    assert taken.short == {}
    assert taken.ends_at is not None


async def test_a_log_that_ends_earlier_is_told_and_read_from_its_end(
    apache_kafka: str, noted: Positions
) -> None:
    end = noted.groups[GROUP][NAME] + 2
    beyond = replace(noted, groups={**noted.groups, GROUP: {NAME: end + 7}})
    taken = await set_positions(apache_kafka, beyond)
    assert taken.short == {NAME: 7}
    assert await committed(apache_kafka) == end


async def test_a_group_that_still_reads_is_left_alone(apache_kafka: str, noted: Positions) -> None:
    worker = AIOKafkaConsumer(PLACE.topic, bootstrap_servers=apache_kafka, group_id=GROUP)
    await worker.start()
    try:
        async with asyncio.timeout(30):
            await worker.getone()  # it has its partitions
        with pytest.raises(PositionsError, match=f"{GROUP}: .*stop all workers"):
            await set_positions(apache_kafka, noted)
    finally:
        await worker.stop()


def test_another_file_is_refused_by_name(tmp_path: Path) -> None:
    other = tmp_path / "notes.json"
    other.write_text('{"groups": {}}', encoding="utf-8")
    with pytest.raises(PositionsError, match=r"notes\.json"):
        read_positions(other)

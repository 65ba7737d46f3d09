"""How far each group has read: noted before the database is backed up, set where it is restored.

A group must never be further than the database that it writes to: what it had acknowledged and the
database does not have would be lost to the stores. Too early only costs time: what is read twice
has its effect once. Ratings are compacted, so they have other offsets in a copy, and are read anew.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError

from linkage_contracts.topics import TOPICS
from linkage_runtime.clock import now
from linkage_runtime.errors import LinkageError, TransientError
from linkage_runtime.settings import KafkaSettings
from linkage_runtime.stack.services import PROCESSES

GROUPS: Final = tuple(one.service for one in PROCESSES if one.role == "worker")
_KEPT: Final = tuple(topic.name for topic in TOPICS if not topic.compacted)


class PositionsError(LinkageError):
    """Positions could not be noted or set; nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions:
    """The next offset of each partition (``topic/partition``), by group, as of a moment."""

    noted_at: datetime
    groups: Mapping[str, Mapping[str, int]]

    def write(self, file: Path) -> None:
        """As JSON."""
        body = {"noted_at": self.noted_at.isoformat(), "groups": self.groups}
        file.write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What was found where the groups were set."""

    ends_at: datetime | None
    """When the last record that reached this log was written."""
    short: Mapping[str, int]
    """Partitions that end before a noted position, and by how many records."""


def read_positions(file: Path) -> Positions:
    """What was noted.

    Raises:
        PositionsError: the file is not one that `linkage positions` wrote.
    """
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
        return Positions(
            noted_at=datetime.fromisoformat(body["noted_at"]),
            groups={
                group: {place: int(offset) for place, offset in body["groups"][group].items()}
                for group in GROUPS
            },
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PositionsError(
            f"{file}: 不是 linkage positions 写出的文件 (not written by it): {error}"
        ) from error


async def note_positions(kafka: str) -> Positions:
    """How far every group has come by now; 0 where it has not begun.

    Raises:
        TransientError: the cluster does not answer.
    """
    moment = now()
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka, **_access())
    try:
        await admin.start()
        noted = {}
        for group in GROUPS:
            offsets = await admin.list_consumer_group_offsets(group)
            kept = {place: at.offset for place, at in offsets.items() if place.topic in _KEPT}
            noted[group] = {_name(place): max(0, kept[place]) for place in sorted(kept)}
        return Positions(noted_at=moment, groups=noted)
    except KafkaError as error:
        raise TransientError(f"Kafka is away: {type(error).__name__}") from error
    finally:
        await admin.close()


async def set_positions(kafka: str, positions: Positions) -> Taken:
    """Let every group go on from there, or from the end of the log where that comes first.

    Raises:
        PositionsError: a group still has members.
        TransientError: the cluster does not answer.
    """
    places = await _places(kafka)
    taken = Taken(ends_at=None, short={})
    for group, noted in positions.groups.items():
        wanted = {_place(name): offset for name, offset in noted.items()}
        async with _member(kafka, group) as consumer:
            consumer.assign(places)
            ends = await consumer.end_offsets(places)
            await consumer.commit({p: min(wanted.get(p, 0), end) for p, end in ends.items()})
            behind = {_name(p): at - ends.get(p, 0) for p, at in wanted.items()}
            short = {name: missing for name, missing in behind.items() if missing > 0}
            last = taken.ends_at or await _last_written(consumer, ends)
        taken = Taken(ends_at=last, short={**taken.short, **short})
    return taken


async def _places(kafka: str) -> list[TopicPartition]:
    """Every partition that a position may be of.

    Raises:
        PositionsError: a topic is not there.
        TransientError: the cluster does not answer.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka, **_access())
    try:
        await admin.start()
        described = await admin.describe_topics(list(_KEPT))
    except KafkaError as error:
        raise TransientError(f"Kafka is away: {type(error).__name__}") from error
    finally:
        await admin.close()
    if absent := [one["topic"] for one in described if not one["partitions"]]:
        raise PositionsError(
            f"{', '.join(absent)}: 主题不存在，先运行 linkage provision (not there: run it first)"
        )
    return [
        TopicPartition(one["topic"], part["partition"])
        for one in described
        for part in one["partitions"]
    ]


@asynccontextmanager
async def _member(kafka: str, group: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        **_access(),
    )
    try:
        await consumer.start()
        yield consumer
    except KafkaConnectionError as error:
        raise TransientError(f"Kafka is away: {type(error).__name__}") from error
    except KafkaError as error:
        raise PositionsError(
            f"{group}: 请先停止所有 worker (stop all workers first): {type(error).__name__}"
        ) from error
    finally:
        await consumer.stop()


async def _last_written(
    consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]
) -> datetime | None:
    """When the newest of the last records of all partitions was written."""
    left = {place for place, end in ends.items() if end}
    for place in left:
        consumer.seek(place, ends[place] - 1)
    newest = 0
    while left:
        for place, records in (await consumer.getmany(*left, timeout_ms=500)).items():
            newest = max(newest, *(record.timestamp for record in records))
            left.discard(place)
    return datetime.fromtimestamp(newest / 1000, UTC) if newest else None


def _access() -> dict[str, object]:
    return KafkaSettings().kafka_access.client_options()


def _name(place: TopicPartition) -> str:
    return f"{place.topic}/{place.partition}"


def _place(name: str) -> TopicPartition:
    topic, _, partition = name.rpartition("/")
    return TopicPartition(topic, int(partition))

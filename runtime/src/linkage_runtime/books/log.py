"""What stands on the topics, read from beginning to end by no consumer group."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer
from pydantic_core import from_json

from linkage_contracts.topics import RATINGS, TOPICS
from linkage_runtime.settings import KafkaSettings

_NAMES = (
    *("push_id", "pool_id", "resolves", "result_id", "decision_id", "decision_event_id"),
    *("recipient", "authority", "supervisor", "organisation", "to"),
    *("party", "risk_class", "previous_class", "reasons"),
)
_PER_POLL = 2_000


class Line(NamedTuple):
    """One event of the log, down to what the books need of it."""

    id: str
    type: str
    subject: str
    recipient: str
    """The key: on feeds the recipient, elsewhere the party."""
    data: Mapping[str, Any]


@dataclass(slots=True)
class Log:
    """Distinct events by type, and how many records could not be read."""

    lines: defaultdict[str, dict[str, Line]] = field(default_factory=lambda: defaultdict(dict))
    dead: set[str] = field(default_factory=set)
    """Ids of events that some reader buried; unreadable ones have none."""
    buried: int = 0

    def of(self, type_: str) -> dict[str, Line]:
        """The distinct events of one type, by id; ``type_`` without ``linkage.`` and ``.v1``."""
        return self.lines[f"linkage.{type_}.v1"]

    def starting(self, prefix: str) -> Iterator[Line]:
        """All distinct events whose type begins so."""
        for type_, lines in self.lines.items():
            if type_.startswith(f"linkage.{prefix}."):
                yield from lines.values()


async def read_log(kafka: str) -> Log:
    """Read all topics and their dead letters once; memory grows with the number of events."""
    log = Log()
    async for topic, body in _records(kafka, [topic.name for topic in TOPICS]):
        if (line := _line(body)) is not None:
            # A compacted topic keeps the newest of a key; the others keep the first of an id.
            if topic == RATINGS.name:
                log.lines[line.type][line.id] = line
            else:
                log.lines[line.type].setdefault(line.id, line)
    async for _, body in _records(kafka, [topic.dead_letter for topic in TOPICS]):
        log.buried += 1
        if (line := _line(body)) is not None:
            log.dead.add(line.id)
    return log


def _line(body: bytes | None) -> Line | None:
    try:
        event = from_json(body or b"")
        data = event["data"]
        # A result that was forwarded stands whole inside its notice.
        inner = data.get("found", {}).get("data", {}) | data.get("result", {}) | data
        refs = {name: inner[name] for name in _NAMES if name in inner}
        return Line(event["id"], event["type"], event["subject"], event["partitionkey"], refs)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


async def _records(kafka: str, topics: list[str]) -> AsyncIterator[tuple[str, bytes | None]]:
    # Without a group a consumer is given all partitions of its topics.
    consumer = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=kafka,
        auto_offset_reset="earliest",
        **KafkaSettings().kafka_access.client_options(),
    )
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        left = {partition for partition, end in ends.items() if end > 0}
        while left:
            polled = await consumer.getmany(*left, timeout_ms=500, max_records=_PER_POLL)
            for partition, records in polled.items():
                for record in records:
                    yield partition.topic, record.value
            left = {p for p in left if await consumer.position(p) < ends[p]}
    finally:
        await consumer.stop()

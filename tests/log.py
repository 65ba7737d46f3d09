"""Every record of every topic with its place, read on from where the last reading ended."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json

from linkage_contracts.topics import TOPICS
from linkage_runtime.log_consumer import log_consumer, read_between

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """The first record of an event, or a record that is none."""

    topic: str
    partition: int
    offset: int
    id: str
    type: str
    """Without ``linkage.`` and ``.v1``."""
    key: str
    data: Data
    recorded: str
    """When this system published it, RFC 3339."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter: whose record it is, and who buried it."""

    topic: str
    reader: str
    source: str
    """Partition and offset."""


@dataclass(slots=True)
class Log:
    """Distinct events in the order of their topics' partitions, and the dead letters."""

    events: dict[str, Seen] = field(default_factory=dict)
    records: int = 0
    letters: set[Letter] = field(default_factory=set)
    _next: dict[str, int] = field(default_factory=dict)
    _by_type: defaultdict[str, list[Seen]] = field(default_factory=lambda: defaultdict(list))

    def of(self, *types: str) -> list[Seen]:
        """All distinct events of these types."""
        return [one for type_ in types for one in self._by_type[type_]]

    def read_on(self, kafka: str) -> None:
        """Take in what was written since."""
        asyncio.run(self._read_on(kafka))

    async def _read_on(self, kafka: str) -> None:
        names = [name for topic in TOPICS for name in (topic.name, topic.dead_letter)]
        async with log_consumer(kafka, names) as consumer:
            ends = await consumer.end_offsets(consumer.assignment())
            async for records, positions in read_between(consumer, self._next, ends):
                for record in records:
                    self._read(record)
                self._next |= positions

    def take(self, seen: Seen) -> None:
        """Keep the first record of an event."""
        if seen.id not in self.events:
            self.events[seen.id] = seen
            self._by_type[seen.type].append(seen)

    def _read(self, record: Any) -> None:
        self.records += 1
        topic, dead, _ = record.topic.partition(".dead-letter")
        if dead:
            headers = {name: value.decode() for name, value in record.headers}
            self.letters.add(Letter(topic, headers["reader"], headers["source"]))
            return
        try:
            event = from_json(record.value)
            type_ = event["type"].removeprefix("linkage.").removesuffix(".v1")
            place = (topic, record.partition, record.offset)
            seen = Seen(
                *place,
                event["id"],
                type_,
                event["partitionkey"],
                _plain(event["data"]),
                event["recordedtime"],
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            return
        self.take(seen)


def _plain(data: Data) -> Data:
    """What is told, with the result that a notice carries beside the notice's own."""
    return {**data.get("found", {}).get("data", {}), **data}

"""The log, handed to a service's own handlers from the beginning, causes first."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer

from linkage_contracts.topics import (
    ACTIONS,
    CREDIT_ACTS,
    DECISIONS,
    FEEDS,
    PROGRESS,
    RATINGS,
    RESULTS,
    Topic,
)
from linkage_runtime.log_consumer import log_consumer, read_between
from linkage_runtime.settlement import DeadLetter, Handle, Record, Settlement

_CAUSES_FIRST = (DECISIONS, RESULTS, ACTIONS, CREDIT_ACTS, PROGRESS, FEEDS, RATINGS)
_AT_ONCE = 1_000


class NotBuried:
    """Dead letters were buried when they were new."""

    def __init__(self) -> None:
        self.seen = 0

    async def bury(self, topic: Topic, reader: str, letters: Sequence[DeadLetter]) -> None:
        """See ``DeadLetters``."""
        del topic, reader
        self.seen += len(letters)


class LogReplay:
    """Reads on from its positions, whoever's handlers it is given."""

    def __init__(self, consumer: AIOKafkaConsumer, service: str, positions: dict[str, int]) -> None:
        self._consumer = consumer
        self._service = service
        self.positions = positions
        self.dead = NotBuried()
        self.handled = 0

    async def catch_up(self, handlers: Mapping[Topic, Handle]) -> int:
        """Handle everything up to the present ends; returns how many records this was."""
        begun = self.handled
        for topic in _CAUSES_FIRST:
            if topic in handlers:
                settlement = Settlement(topic, self._service, handlers[topic], self.dead)
                await self._read_on(topic, settlement)
        return self.handled - begun

    async def _read_on(self, topic: Topic, settlement: Settlement) -> None:
        mine = [place for place in self._consumer.assignment() if place.topic == topic.name]
        ends = await self._consumer.end_offsets(mine)
        read = read_between(self._consumer, self.positions, ends, at_once=_AT_ONCE)
        async for records, positions in read:
            batch = [Record(one.partition, one.offset, one.key, one.value) for one in records]
            await settlement.settle(batch)
            self.handled += len(batch)
            self.positions |= positions


@asynccontextmanager
async def log_replay(
    kafka: str, service: str, positions: dict[str, int]
) -> AsyncIterator[LogReplay]:
    """In no consumer group: the worker goes on undisturbed."""
    async with log_consumer(kafka, [topic.name for topic in _CAUSES_FIRST]) as consumer:
        yield LogReplay(consumer, service, positions)

"""Settle every message exactly once: effects durable, or its dead letter acknowledged.

A batch is settled as a whole before any of it is acknowledged. Bad data goes to the dead-letter
topic; trouble outside means the same batch again with growing pauses. An unknown error is trouble
outside, unless its neighbours succeed without it: then that one message is dead-lettered, loudly.
More than three such in one batch mean that the code is wrong, not the data: nothing moves until a
person looks.

This is the only place that catches ``Exception``.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol

import structlog
from pydantic import ValidationError

from linkage_contracts.topics import Topic
from linkage_runtime import metrics
from linkage_runtime.clock import now
from linkage_runtime.errors import PermanentError, TransientError, UnwellError
from linkage_runtime.traces import named_trace, processed

log = structlog.get_logger()

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
TOLERATED_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Record:
    """A Kafka record before anybody has read it."""

    partition: int
    offset: int
    key: bytes | None
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Message:
    """A record that could be read."""

    event: Any
    """One of the topic's event types; handlers match on the class."""
    record: Record


Handle = Callable[[Sequence[Message]], Awaitable[None]]
"""Makes a batch's effects durable; may be called again with the same messages."""


class DeadLetters(Protocol):
    """Keeps untouched bytes that a reader can never settle."""

    async def bury(self, topic: Topic, reader: str, letters: "Sequence[DeadLetter]") -> None:
        """Return only once all are acknowledged; raises TransientError otherwise."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record and why it is dead."""

    record: Record
    outcome: str
    reason: str


class Settlement:
    """Settles the batches of one reader of one topic."""

    def __init__(
        self,
        topic: Topic,
        reader: str,
        handle: Handle,
        dead_letters: DeadLetters,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._topic = topic
        self._reader = reader
        self._handle = handle
        self._dead_letters = dead_letters
        self._sleep = sleep
        metrics.declare_reader(reader, topic.name)

    async def settle(self, records: Sequence[Record]) -> None:
        """Return only when every record is settled; cancellation leaves the batch unsettled."""
        started = perf_counter()
        messages, dead = self._read(records)
        events = [message.event for message in messages]
        with processed(self._reader, self._topic.name, events):
            dead = await self._until_settled(messages, dead)
        self._count(records, dead, perf_counter() - started)

    async def _until_settled(
        self, messages: list[Message], dead: list[DeadLetter]
    ) -> list[DeadLetter]:
        pause, attempt = FIRST_PAUSE, 1
        while True:
            metrics.RETRYING.labels(self._reader, self._topic.name).set(attempt)
            try:
                # What could be handled is dropped from the list, so a repeat is only of the rest.
                dead += await self._handle_or_sort_out(messages)
                messages = []
                await self._dead_letters.bury(self._topic, self._reader, dead)
                break
            except _TryAgain as trouble:
                dead += trouble.dead
                gone = {letter.record for letter in trouble.dead}
                messages = [message for message in messages if message.record not in gone]
                cause: BaseException | None = trouble.__cause__
            except TransientError as error:
                cause = error
            log.warning(
                "batch waits",
                reader=self._reader,
                topic=self._topic.name,
                attempt=attempt,
                cause=repr(cause),
            )
            await self._sleep(pause)
            pause, attempt = min(pause * 2, LONGEST_PAUSE), attempt + 1
        return dead

    def _read(self, records: Sequence[Record]) -> tuple[list[Message], list[DeadLetter]]:
        messages, dead = [], []
        for record in records:
            try:
                event = self._topic.read(record.body or b"")
            except ValidationError as error:
                # The first few complaints name the fields; the values stay out of headers and logs.
                complaints = error.errors(include_input=False, include_url=False)[:3]
                reason = "; ".join(
                    f"{'.'.join(map(str, c['loc']))}: {c['type']}" for c in complaints
                )
                dead.append(DeadLetter(record, "unreadable", reason))
            else:
                messages.append(Message(event, record))
        return messages, dead

    async def _handle_or_sort_out(self, messages: Sequence[Message]) -> list[DeadLetter]:
        if not messages:
            return []
        try:
            await self._handle(messages)
        except UnwellError as error:
            return await self._sort_out(messages, error)
        except TransientError:
            raise
        except Exception as error:  # noqa: BLE001 -- sorted out one by one below
            return await self._sort_out(messages, error)
        return []

    async def _sort_out(self, messages: Sequence[Message], first: Exception) -> list[DeadLetter]:
        refused: list[DeadLetter] = []
        failed: list[DeadLetter] = []
        for message in messages:
            try:
                await self._handle([message])
            except PermanentError as error:
                refused.append(DeadLetter(message.record, "refused", str(error)))
            except Exception as error:
                if isinstance(error, TransientError) and not isinstance(error, UnwellError):
                    raise _TryAgain(refused) from error
                # One traceback tells what is wrong; a thousand of the same hide it.
                log.error(  # noqa: TRY400 -- the traceback is in exc_info, once
                    "message failed",
                    reader=self._reader,
                    id=message.event.id,
                    exc_info=None if failed else error,
                    **named_trace(message.event),
                )
                failed.append(DeadLetter(message.record, "failed", type(error).__name__))
        if failed and len(failed) + len(refused) == len(messages):
            raise _TryAgain(refused) from first
        stuck = len(failed) > TOLERATED_FAILURES
        metrics.STUCK.labels(self._reader, self._topic.name).set(stuck)
        if stuck:
            log.critical("the code fails on these, not the data: partition stopped")
            raise _TryAgain(refused) from first
        return refused + failed

    def _count(self, records: Sequence[Record], dead: Sequence[DeadLetter], seconds: float) -> None:
        labels = (self._reader, self._topic.name)
        for letter in dead:
            metrics.SETTLED.labels(*labels, letter.outcome).inc()
        metrics.SETTLED.labels(*labels, "handled").inc(len(records) - len(dead))
        metrics.BATCH.labels(*labels).observe(len(records))
        metrics.SETTLE_SECONDS.labels(*labels).observe(seconds)
        metrics.RETRYING.labels(*labels).set(0)


class _TryAgain(Exception):  # noqa: N818 -- not an error of anybody's: the loop above goes round
    """Some were sorted out as dead; the rest must be tried again."""

    def __init__(self, dead: list[DeadLetter]) -> None:
        super().__init__()
        self.dead = dead


def dead_letter_headers(reader: str, letter: DeadLetter) -> list[tuple[str, bytes]]:
    """Why, by whom, when and whence, as a dead-letter record carries it."""
    return [
        ("reader", reader.encode()),
        ("outcome", letter.outcome.encode()),
        ("reason", letter.reason.encode()),
        ("time", now().isoformat().encode()),
        ("source", f"{letter.record.partition}/{letter.record.offset}".encode()),
    ]

"""Writes events to Kafka: idempotent, acknowledged by all in-sync replicas, in bulk."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    KafkaError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerFenced,
)

from linkage_contracts.envelope import Event
from linkage_contracts.topics import Topic
from linkage_runtime.errors import OutcomeUnknownError, PermanentError, TransientError
from linkage_runtime.kafka_security import PLAINTEXT, KafkaSecurity
from linkage_runtime.traces import continued, stamped

Headers = Sequence[tuple[str, bytes]]
_BREAKS = (OutOfOrderSequenceNumber, ProducerFenced)
"""After these, and after a bare ``KafkaError`` from its own insides, a producer sends no more: the
broker forgot it, as one does that lost what it had."""


class Publisher(Protocol):
    """Puts events on a topic, keyed as each event says, in the order given."""

    async def publish(self, topic: Topic, events: Iterable[Event]) -> None:
        """Return only once every event is acknowledged.

        Raises:
            TransientError: the broker is away, or did not answer in time.
            PermanentError: an event is larger than the topic takes.
        """


class KafkaPublisher:
    """One idempotent aiokafka producer, connected when first used."""

    def __init__(
        self,
        bootstrap: str,
        security: KafkaSecurity = PLAINTEXT,
        *,
        linger_ms: int = 2,
        answer_within: float = 15.0,
    ) -> None:
        self._bootstrap = bootstrap
        self._security = security
        self._linger_ms = linger_ms
        self._answer_within = answer_within
        self._producer: AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()

    async def publish(self, topic: Topic, events: Iterable[Event]) -> None:
        """See ``Publisher``."""
        await self.send(
            topic.name,
            [(event.partitionkey.encode(), stamped(event).to_bytes(), ()) for event in events],
        )

    async def send(
        self, topic: str, records: Sequence[tuple[bytes | None, bytes, Headers]]
    ) -> None:
        """Raw (key, body, headers) records, as dead letters and organisations' own topics need."""
        if records:
            with continued(f"send {topic}", "producer", (body for _, body, _ in records)):
                await self._send(topic, records)

    async def _send(
        self, topic: str, records: Sequence[tuple[bytes | None, bytes, Headers]]
    ) -> None:
        producer = None
        try:
            async with asyncio.timeout(self._answer_within):
                producer = await self._connected()
                acknowledgements = [
                    await producer.send(topic, value=body, key=key, headers=list(headers))
                    for key, body, headers in records
                ]
                await asyncio.gather(*acknowledgements)
        except MessageSizeTooLargeError as error:
            msg = f"{topic}: message too large"
            raise PermanentError(msg) from error
        except TimeoutError as error:
            msg = f"{topic}: Kafka did not acknowledge in {self._answer_within} s"
            raise OutcomeUnknownError(msg) from error
        except KafkaError as error:
            breaks = isinstance(error, _BREAKS) or type(error) is KafkaError
            if breaks and producer is not None:
                await self._replace(producer)
            msg = f"{topic}: {type(error).__name__}"
            raise OutcomeUnknownError(msg) from error

    async def _replace(self, broken: AIOKafkaProducer) -> None:
        # Of many who find it broken the first replaces it; the others have a new one already.
        current = self._producer
        if current is not None and current is broken:
            self._producer = None
            await current.stop()

    async def close(self) -> None:
        """Flush and disconnect."""
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None

    async def _connected(self) -> AIOKafkaProducer:
        async with self._connecting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._bootstrap,
                    enable_idempotence=True,
                    acks="all",
                    linger_ms=self._linger_ms,
                    max_batch_size=256 * 1024,
                    **self._security.client_options(),
                )
                try:
                    await producer.start()
                except BaseException as error:
                    await producer.stop()
                    if isinstance(error, KafkaError):
                        msg = "Kafka is away"
                        raise TransientError(msg) from error
                    raise
                self._producer = producer
        return self._producer

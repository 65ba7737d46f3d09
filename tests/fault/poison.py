"""Records that nobody can read, and odd ones that everybody must."""

import asyncio
import json
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pydantic import ValidationError

from linkage_contracts.topics import DECISIONS, TOPICS, Topic
from tests.fault.book import Accepted, Book, Poison
from tests.fault.fates import Fate, fate_of, number_in

# Far above the numbers of any load; each ends in the digit of a decision that is received.
_FIRST_NUMBER = 9_000_000
_DEEP = 100_000


def unreadable() -> dict[str, bytes | None]:
    """What no reader can settle, by what is wrong with it."""
    future = {"specversion": "1.0", "id": str(_id("future")), "type": "linkage.decision.issued.v9"}
    return {
        "invalid UTF-8": b'{"type": "\xff\xfe"}',
        "deep nesting": b"[" * _DEEP,
        "deeply nested objects": b'{"data":' * _DEEP,
        "a schema from the future": json.dumps(future).encode(),
        "an unknown type": b'{"type": "linkage.never.heard-of.v1", "data": {}}',
        "no event": b'"text"',
        "nothing": None,
        "a null byte": b"\x00",
        "large and unreadable": b"x" * 1_000_000,
    }


def poison(kafka: str, book: Book) -> int:
    """Put everything unreadable on every topic, without keys and headers; returns how many."""
    sent = asyncio.run(_poison(kafka, TOPICS))
    book.poison |= sent
    return len(sent)


async def _poison(kafka: str, topics: tuple[Topic, ...]) -> set[Poison]:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, max_request_size=2_000_000)
    await producer.start()
    try:
        places = [
            # The client sends no record without both.
            await producer.send_and_wait(topic.name, body, b"nobody" if body is None else None)
            for topic in topics
            # A compacted topic takes no record without a key.
            if not topic.compacted
            for body in unreadable().values()
        ]
    finally:
        await producer.stop()
    return {Poison(place.topic, place.partition, place.offset) for place in places}


def odd_but_good(kafka: str, book: Book) -> int:
    """Put readable decisions on their topic without key and headers, with fields of the future."""
    model = asyncio.run(_a_received_decision(kafka))
    events = [_odd(model, _FIRST_NUMBER + 10 * len(book.accepted) + 10 * n) for n in range(3)]
    asyncio.run(_send(kafka, [json.dumps(event).encode() for event in events]))
    for event in events:
        number = number_in(event["data"]["document_number"])
        assert number is not None
        # They have no key, so no order either: only that they come out is noted.
        book.accepted[event["id"]] = Accepted(event["id"], event["subject"], number)
    return len(events)


def _odd(model: dict[str, Any], number: int) -> dict[str, Any]:
    decision_id = str(_id(f"decision {number}"))
    data = model["data"] | {
        "decision_id": decision_id,
        "document_number": f"故障许〔2026〕{number}号",
        "a_field_of_the_future": {"nested": [1, 2, 3]},
    }
    return model | {
        "id": str(_id(f"event {number}")),
        "subject": decision_id,
        "data": data,
        "anextension": "of the future",
    }


async def _a_received_decision(kafka: str) -> dict[str, Any]:
    consumer = AIOKafkaConsumer(
        DECISIONS.name, bootstrap_servers=kafka, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        async for record in consumer:
            if _is_received(record.value or b""):
                event: dict[str, Any] = json.loads(record.value)
                return event
    finally:
        await consumer.stop()
    raise AssertionError("no decision on the log yet")


def _is_received(body: bytes) -> bool:
    try:
        DECISIONS.read(body)
    except ValidationError:  # Poison that was sent before.
        return False
    number = number_in(json.loads(body)["data"]["document_number"])
    return number is not None and fate_of(number) is Fate.RECEIVED


async def _send(kafka: str, bodies: list[bytes]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    try:
        for body in bodies:
            await producer.send_and_wait(DECISIONS.name, body)
    finally:
        await producer.stop()


def _id(name: str) -> Any:
    return uuid5(NAMESPACE_URL, name)

"""Dead letters as they lie on Kafka."""

from datetime import UTC, datetime
from typing import Any

from linkage_contracts.topics import TOPICS
from linkage_runtime.letters.letter import Letter
from linkage_runtime.topic_records import records_of

_OF_DEAD = {topic.dead_letter: topic for topic in TOPICS}


async def read_letters(kafka: str) -> list[Letter]:
    """Every dead letter there is, the oldest first."""
    letters = [_letter(record) async for record in records_of(kafka, _OF_DEAD)]
    return sorted(letters, key=lambda letter: letter.at)


def _letter(record: Any) -> Letter:  # noqa: ANN401 -- aiokafka is published without types
    said = {name: value.decode() for name, value in record.headers}
    at = datetime.fromtimestamp(record.timestamp / 1000, tz=UTC)
    return Letter(
        topic=_OF_DEAD[record.topic],
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        body=record.value or b"",
        reader=said.get("reader", "?"),
        outcome=said.get("outcome", "?"),
        reason=said.get("reason", ""),
        at=datetime.fromisoformat(said["time"]) if "time" in said else at,
        source=said.get("source", f"dead/{record.partition}/{record.offset}"),
    )

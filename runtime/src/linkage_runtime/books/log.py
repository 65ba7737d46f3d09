"""What stands on the topics, read from beginning to end by no consumer group."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic_core import from_json

from linkage_contracts.topics import RATINGS, TOPICS
from linkage_runtime.letters.kafka_letters import read_letters
from linkage_runtime.topic_records import records_of

_NAMES = (
    *("push_id", "pool_id", "resolves", "result_id", "decision_id", "decision_event_id"),
    *("recipient", "authority", "supervisor", "organisation", "to"),
    *("party", "risk_class", "previous_class", "class_since", "reasons"),
    *("irregularities", "finding_id"),
)


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
    """Ids of events that some reader buried and nobody replayed; unreadable ones have none."""
    buried: int = 0

    def of(self, type_: str) -> dict[str, Line]:
        """The distinct events of one type, by id; ``type_`` without ``linkage.`` and ``.v1``."""
        return self.lines[f"linkage.{type_}.v1"]

    def starting(self, prefix: str) -> Iterator[Line]:
        """All distinct events whose type begins so."""
        for type_, lines in self.lines.items():
            if type_.startswith(f"linkage.{prefix}."):
                yield from lines.values()


async def read_log(kafka: str, replayed: Collection[str] = ()) -> Log:
    """Read all topics and their dead letters once; memory grows with the number of events.

    Args:
        kafka: where.
        replayed: dead letters whose events stand on their topics again, and must come out.
    """
    log = Log()
    async for record in records_of(kafka, [topic.name for topic in TOPICS]):
        if (line := _line(record.value)) is not None:
            # A compacted topic keeps the newest of a key; the others keep the first of an id.
            if record.topic == RATINGS.name:
                log.lines[line.type][line.id] = line
            else:
                log.lines[line.type].setdefault(line.id, line)
    for letter in await read_letters(kafka):
        log.buried += 1
        if letter.id not in replayed and letter.event_id is not None:
            log.dead.add(letter.event_id)
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

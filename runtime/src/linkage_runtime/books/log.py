"""What stands on the topics, read from beginning to end by no consumer group."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from linkage_contracts.topics import RATINGS, TOPICS
from linkage_runtime.books.line import Line, line_of
from linkage_runtime.letters.kafka_letters import read_letters
from linkage_runtime.topic_records import records_of


@dataclass(slots=True)
class Log:
    """Distinct events by type, and how many records could not be read."""

    lines: defaultdict[str, dict[str, Line]] = field(default_factory=lambda: defaultdict(dict))
    dead: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Events that nobody replayed, and who buried them; unreadable ones have no id."""
    buried: int = 0

    def of(self, type_: str) -> dict[str, Line]:
        """The distinct events of one type, by id; ``type_`` without ``linkage.`` and ``.v1``."""
        return self.lines[f"linkage.{type_}.v1"]

    def __iter__(self) -> Iterator[Line]:
        """All distinct events."""
        for lines in self.lines.values():
            yield from lines.values()

    def is_dead(self, event: str, reader: str) -> bool:
        """Whether this reader buried it, and has not been given it again."""
        return reader in self.dead.get(event, ())


async def read_log(kafka: str, replayed: Collection[str] = ()) -> Log:
    """Read all topics and their dead letters once; memory grows with the number of events.

    Args:
        kafka: where.
        replayed: dead letters whose events stand on their topics again, and must come out.
    """
    log = Log()
    async for record in records_of(kafka, [topic.name for topic in TOPICS]):
        if (line := line_of(record.value)) is not None:
            # A compacted topic keeps the newest of a key; the others keep the first of an id.
            if record.topic == RATINGS.name:
                log.lines[line.type][line.id] = line
            else:
                log.lines[line.type].setdefault(line.id, line)
    for letter in await read_letters(kafka):
        log.buried += 1
        if letter.id not in replayed and letter.event_id is not None:
            log.dead[letter.event_id].add(letter.reader)
    return log

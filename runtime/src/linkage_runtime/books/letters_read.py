"""Dead letters as the books read them beside the events."""

from collections.abc import Iterable, Iterator

from linkage_runtime.books.line import Line, line_of
from linkage_runtime.books.ports import Read
from linkage_runtime.letters.letter import event_id_in

_SUFFIX = ".dead-letter"


def dead_letters(records: Iterable[Read]) -> Iterator[tuple[str, str, str]]:
    """(letter, event, reader) of those whose event can be told."""
    for one in records:
        event = event_id_in(one.body or b"") if one.reader else None
        if event is not None:
            topic = one.topic.removesuffix(_SUFFIX)
            yield f"{topic}/{one.partition}/{one.offset}", event, one.reader


def decisions_buried(records: Iterable[Read], topic: str) -> list[Line]:
    """The decisions among them, each once."""
    lines = [line for one in records if one.topic == topic and (line := line_of(one.body))]
    return list({line.id: line for line in lines}.values())

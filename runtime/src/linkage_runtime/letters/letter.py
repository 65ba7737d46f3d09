"""A dead letter as it lies on its topic, and which of many are meant."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json

from linkage_contracts.topics import Topic
from linkage_runtime.clock import NoMomentError, moment_in
from linkage_runtime.errors import PermanentError

_NAMES = ("topic", "reader", "outcome", "since", "about")


class UnknownFilterError(PermanentError):
    """A filter that says nothing known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The untouched record, and why it is dead."""

    topic: Topic
    """Whose record it was."""
    partition: int
    """Of the dead-letter topic."""
    offset: int
    key: bytes | None
    body: bytes
    reader: str
    outcome: str
    reason: str
    at: datetime
    source: str
    """Partition and offset on its own topic."""

    @property
    def id(self) -> str:
        """Its place: ``approval.decisions.v1/3/17``."""
        return letter_id(self.topic, self.partition, self.offset)

    @property
    def record(self) -> tuple[str, str]:
        """What was buried: several readers may have buried the same record."""
        return self.topic.name, self.source

    @property
    def event_id(self) -> str | None:
        """The id of the event, as far as the bytes can be read."""
        return event_id_in(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """A filter; what is ``None`` matches all."""

    ids: frozenset[str] = frozenset()
    """Letters by id; none means all."""
    topic: str | None = None
    reader: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    about: str | None = None
    """A party's key or any id that stands in the record."""

    def __contains__(self, letter: Letter) -> bool:
        """Whether this one is meant."""
        return (
            (not self.ids or letter.id in self.ids)
            and self.topic in {None, letter.topic.name}
            and self.reader in {None, letter.reader}
            and self.outcome in {None, letter.outcome}
            and (self.since is None or letter.at >= self.since)
            and (self.about is None or self.about.encode() in letter.body + (letter.key or b""))
        )


def which(ids: Iterable[str], filters: Iterable[str]) -> Which:
    """A filter from ``name=value``; a time without a zone is Beijing's.

    Raises:
        UnknownFilterError: no such name, or not a time.
    """
    given: dict[str, Any] = {}
    for one in filters:
        name, is_pair, value = one.partition("=")
        if name not in _NAMES or not is_pair:
            raise UnknownFilterError(f"{one}: 须为 {'=、'.join(_NAMES)}= 之一 (one of these)")
        given[name] = _since(value) if name == "since" else value
    return Which(ids=frozenset(ids), **given)


def _since(text: str) -> datetime:
    try:
        return moment_in(text)
    except NoMomentError as error:
        raise UnknownFilterError(str(error)) from error


def letter_id(topic: Topic, partition: int, offset: int) -> str:
    """A dead letter's place, which is its name for good: its topic forgets nothing."""
    return f"{topic.name}/{partition}/{offset}"


def event_id_in(body: bytes) -> str | None:
    """The event's id, or ``None`` where the bytes are no event."""
    try:
        return str(from_json(body)["id"])
    except (ValueError, TypeError, KeyError):
        return None

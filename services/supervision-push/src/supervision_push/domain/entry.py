"""One entry of a feed as it is stored and handed out: its bytes, and where it stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Final

from linkage_contracts.codes import RiskClass

BATCH_BYTES: Final = 8 * 1024 * 1024
"""What one answer or one webhook request carries at most: an entry alone may be 1 MiB."""

BATCH_MEDIA_TYPE: Final = "application/cloudevents-batch+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PushOutline:
    """What an entry tells of the push it opens; a delivery is recorded without reading that."""

    push_id: str
    decision_id: str
    event_id: str
    authority: str
    recipient: str
    party: str
    accepted_at: datetime
    moves: bool
    """Whether its delivery is its receipt too, or all that it owes: then the push is moved."""
    traceparent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """``body`` is the event's JSON as it stood on Kafka; nobody parses it again."""

    id: str
    recipient: str
    partition: int
    offset: int
    party: str | None
    type: str
    body: bytes
    push: PushOutline | None = None
    """Set on entries that open a push."""
    items: tuple[str, ...] = ()
    region: str | None = None
    risk: RiskClass | None = None
    """These three are what subscriptions filter by, as far as the entry tells them."""
    stored_at: datetime | None = None
    """When it was written to the feed."""


def batch_body(entries: Iterable[StoredEntry]) -> bytes:
    """A CloudEvents batch: the entries' bytes joined, in order."""
    return b"[" + b",".join(entry.body for entry in entries) + b"]"


def size_of(entries: Iterable[StoredEntry]) -> int:
    """Their bodies together, in bytes."""
    return sum(len(entry.body) for entry in entries)


def fitting(entries: Sequence[StoredEntry], size: int = BATCH_BYTES) -> list[StoredEntry]:
    """As many of the first as fit into one batch; one at least, or no reader would ever pass it."""
    totals = accumulate(len(entry.body) for entry in entries)
    fit = sum(1 for total in totals if total <= size)
    return list(entries[: max(1, fit)])


def opened_by(entries: Iterable[StoredEntry]) -> list[PushOutline]:
    """The pushes that these entries open."""
    return [entry.push for entry in entries if entry.push is not None]

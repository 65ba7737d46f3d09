"""Facts about one linkage, as its ledger keeps them, whatever order they arrive in.

Facts come from topics with different keys. Each has a place in the ledger, its kind and key; of
two for the same place the one with the smaller (occurred, event id) stays.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class FactKind(StrEnum):
    """What happened. The order is that of one linkage's way through both loops."""

    DECIDED = "decided"
    FINDING_RAISED = "finding_raised"
    CONFLICT = "conflict"
    UNROUTED = "unrouted"
    OPENED = "opened"
    DELIVERED = "delivered"
    RECEIVED = "received"
    RETURNED = "returned"
    RECALLED = "recalled"
    ENROLLED = "enrolled"
    FED_BACK = "fed_back"
    FOUND = "found"
    FORWARDED = "forwarded"
    RESULT_RECEIVED = "result_received"
    RESULT_RETURNED = "result_returned"
    REPORTED = "reported"
    REPORT_FORWARDED = "report_forwarded"
    BREACH_SUSPECTED = "breach_suspected"
    BREACH_RETURNED = "breach_returned"
    BREACH_NOTIFIED = "breach_notified"
    BREACH_HEARD = "breach_heard"
    BREACH_FOUND = "breach_found"
    BREACH_DISMISSED = "breach_dismissed"
    BREACH_WARNED = "breach_warned"
    BREACH_MENDED = "breach_mended"
    BREACH_SANCTIONED = "breach_sanctioned"
    BREACH_REPAIRED = "breach_repaired"
    BREACH_RESTORED = "breach_restored"
    BREACH_OVERTURNED = "breach_overturned"
    TOLERATED = "tolerated"
    TOLERANCE_EXPIRED = "tolerance_expired"
    TOLERANCE_SUPPLEMENTED = "tolerance_supplemented"
    TOLERANCE_TERMINATED = "tolerance_terminated"
    FINDING_ANSWERED = "finding_answered"
    FINDING_SENT_BACK = "finding_sent_back"
    FINDING_ACCEPTED = "finding_accepted"
    FINDING_CLOSED = "finding_closed"
    WARNED = "warned"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    DEADLINE_CHANGED = "deadline_changed"
    ESCALATION_ANSWERED = "escalation_answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that happened; ``detail`` holds only what a document store keeps."""

    linkage: str
    """The decision's id."""
    kind: FactKind
    key: str
    at: datetime
    id: str
    detail: Mapping[str, Any]
    authority: str | None = None
    """The approving authority; the same on every fact of a linkage that knows it."""

    @property
    def place(self) -> tuple[FactKind, str]:
        """Where in the ledger it belongs."""
        return self.kind, self.key

    @property
    def order(self) -> tuple[datetime, str]:
        """The smaller one stays."""
        return self.at, self.id


def earliest(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Of all facts for one place the one that stays, each place once."""
    kept: dict[tuple[str, FactKind, str], Fact] = {}
    for fact in facts:
        slot = (fact.linkage, *fact.place)
        if slot not in kept or fact.order < kept[slot].order:
            kept[slot] = fact
    yield from kept.values()

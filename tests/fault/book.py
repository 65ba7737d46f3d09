"""What was accepted, and what therefore must come out: kept by the load, read by the count."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from threading import Lock

from tests.fault.fates import Fate, fate_of, party_of


@dataclass(frozen=True, slots=True)
class Accepted:
    """One decision event that the API answered for."""

    event_id: str
    decision_id: str
    number: int
    amends: bool = False

    @property
    def fate(self) -> Fate:
        """An amendment is received like any other push, and that is all."""
        return Fate.RECEIVED if self.amends else fate_of(self.number)


@dataclass(frozen=True, slots=True)
class Poison:
    """A record that no reader of its topic can ever settle."""

    topic: str
    partition: int
    offset: int


@dataclass(slots=True)
class Book:
    """Everything that the system said yes to."""

    accepted: dict[str, Accepted] = field(default_factory=dict)
    """By event id."""
    order: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Event ids by party, each sent only after the one before was answered."""
    turns: defaultdict[str, Lock] = field(default_factory=lambda: defaultdict(Lock))
    """By party: whoever holds it sends, and nobody else."""
    poison: set[Poison] = field(default_factory=set)
    asking: Counter[str] = field(default_factory=Counter)
    """Requests to do something that have no answer yet, by service."""
    surprises: list[str] = field(default_factory=list)
    """Answers that no fault excuses."""

    def accept(self, one: Accepted) -> None:
        """Note an answer; the same again changes nothing."""
        if one.event_id not in self.accepted:
            self.accepted[one.event_id] = one
            self.order[party_of(one.number)].append(one.event_id)

    def with_fate(self, *fates: Fate) -> list[Accepted]:
        """All that was accepted and has one of these fates."""
        return [one for one in list(self.accepted.values()) if one.fate in fates]

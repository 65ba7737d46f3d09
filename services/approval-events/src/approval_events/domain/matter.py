"""A matter: what its facts say, whatever order they arrive in and however often."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from approval_events.domain.facts import Fact, FactKind, earliest


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter(ABC):
    """One thing that goes its own way, with all facts about it."""

    facts: Mapping[FactKind, Mapping[str, Fact]]

    @property
    @abstractmethod
    def state(self) -> StrEnum:
        """Where it stands."""

    def merge(self, facts: Iterable[Fact]) -> Self:
        """Enter facts; the same again, or in another order, comes to the same."""
        entered = {kind: dict(places) for kind, places in self.facts.items()}
        for fact in earliest([*self.all_facts(), *facts]):
            entered.setdefault(fact.kind, {})[fact.key] = fact
        return replace(self, facts=entered)

    def all_facts(self) -> Iterator[Fact]:
        """Every fact, in no particular order."""
        for places in self.facts.values():
            yield from places.values()

    def of(self, kind: FactKind) -> tuple[Fact, ...]:
        """Facts of one kind, oldest first."""
        return tuple(sorted(self.facts.get(kind, {}).values(), key=lambda fact: fact.order))

    def first(self, *kinds: FactKind) -> Fact | None:
        """The oldest fact of these kinds."""
        return min(
            (fact for kind in kinds for fact in self.of(kind)),
            key=lambda fact: fact.order,
            default=None,
        )

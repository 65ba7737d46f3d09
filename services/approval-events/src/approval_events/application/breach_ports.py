"""What the use cases about breaches of commitments (违诺) work with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from approval_events.application.acts import ActStore
from approval_events.domain.breach import Breach
from approval_events.domain.breach_ladder import BreachState
from linkage_contracts.breaches import BreachEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachAdmission:
    """One step of a breach as it was looked at; its event says everything."""

    breach: Breach
    event: BreachEvent

    @property
    def subject_id(self) -> str:
        """What is acted on."""
        return self.breach.breach_id


BreachStore = ActStore[Breach, BreachAdmission]
"""Breaches as they are acted on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachQuery:
    """Which breaches to list; ``organisations`` of ``None`` means everybody's."""

    organisations: frozenset[str] | None
    states: Sequence[BreachState]
    party: str | None
    after: str
    limit: int


class Breaches(Protocol):
    """Breaches by their ids."""

    async def find(self, breach_ids: Sequence[str], /) -> dict[str, Breach]:
        """Those that are known."""


class BreachList(Breaches, Protocol):
    """Breaches as they are read."""

    async def page(self, query: BreachQuery) -> Sequence[Breach]:
        """Breaches in the order of their ids."""

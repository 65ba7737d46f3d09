"""What the use cases about tolerances (容缺) work with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from approval_events.application.acts import ActStore
from approval_events.application.matter_ports import MatterBooks
from approval_events.domain.tolerance import Tolerance, ToleranceState
from linkage_contracts.tolerances import ToleranceSupplemented, ToleranceTerminated


@dataclass(frozen=True, slots=True, kw_only=True)
class ToleranceAdmission:
    """The bureau's word about a tolerance as it was looked at."""

    tolerance: Tolerance
    event: ToleranceSupplemented | ToleranceTerminated

    @property
    def subject_id(self) -> str:
        """What is acted on."""
        return self.tolerance.supplement_id


ToleranceStore = ActStore[Tolerance, ToleranceAdmission]
"""Tolerances as they are acted on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToleranceQuery:
    """Which tolerances to list; ``authorities`` of ``None`` means all."""

    authorities: frozenset[str] | None
    state: ToleranceState | None
    party: str | None
    after: str
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToleranceCount:
    """How many tolerances for one item an authority has in one state."""

    authority: str
    item: str
    state: ToleranceState
    count: int


class ToleranceList(Protocol):
    """Tolerances as they are read."""

    async def find(self, supplement_ids: Sequence[str], /) -> dict[str, Tolerance]:
        """Those that are known."""

    async def page(self, query: ToleranceQuery) -> Sequence[Tolerance]:
        """Tolerances in the order of their ids."""

    async def counts(self, authorities: frozenset[str] | None) -> Sequence[ToleranceCount]:
        """All of these authorities, counted; one of several items counts for each."""


class ToleranceBooks(MatterBooks, Protocol):
    """The same tolerances, as the worker enters them from the log."""

    async def find(self, supplement_ids: Sequence[str], /) -> dict[str, Tolerance]:
        """Those that are known."""

    async def of_decisions(self, decision_ids: Iterable[str]) -> Sequence[Tolerance]:
        """The tolerances of any version of these decisions."""

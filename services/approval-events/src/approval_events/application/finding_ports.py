"""What the use cases about findings (预警纠错) work with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from approval_events.application.acts import ActStore
from approval_events.application.matter_ports import MatterBooks
from approval_events.domain.finding import Finding, FindingState
from linkage_contracts.actions import FindingAccepted, FindingAnswered, FindingSentBack
from linkage_contracts.codes import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingAdmission:
    """One act on a finding; its event says everything."""

    subject_id: str
    event: FindingAnswered | FindingAccepted | FindingSentBack


FindingStore = ActStore[Finding, FindingAdmission]
"""Findings as they are acted on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingQuery:
    """Which findings to list; ``authorities`` of ``None`` means all."""

    authorities: frozenset[str] | None
    state: FindingState | None
    rule: Rule | None
    after: str
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCount:
    """How many findings of one rule an authority has in one state."""

    authority: str
    rule: str
    state: FindingState
    count: int


class FindingList(Protocol):
    """Findings as they are read."""

    async def find(self, finding_ids: Sequence[str], /) -> dict[str, Finding]:
        """Those that are known."""

    async def page(self, query: FindingQuery) -> Sequence[Finding]:
        """Findings in the order of their ids."""

    async def counts(self, authorities: frozenset[str] | None) -> Sequence[FindingCount]:
        """All findings of these authorities, counted; ``None`` means of all."""


class FindingBooks(MatterBooks, Protocol):
    """The same findings, as the worker enters them from the log."""

    async def of_decisions(self, decision_ids: Iterable[str]) -> Sequence[Finding]:
        """The findings on any version of these decisions."""

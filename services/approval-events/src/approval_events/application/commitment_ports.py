"""What tells of commitments (告知承诺) works with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from approval_events.domain.commitment import Commitment, CommitmentState


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentQuery:
    """Which commitments to list; ``authorities`` of ``None`` means all."""

    authorities: frozenset[str] | None
    state: CommitmentState | None
    party: str | None
    after: str
    limit: int


class CommitmentList(Protocol):
    """Commitments as they are read."""

    async def find(self, decision_ids: Sequence[str], /) -> dict[str, Commitment]:
        """Those that are known."""

    async def page(self, query: CommitmentQuery) -> Sequence[Commitment]:
        """Commitments in the order of their decisions' ids."""

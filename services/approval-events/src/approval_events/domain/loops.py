"""What runs in one linkage: pushes and pool entries of the first loop, results of the second."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from approval_events.domain.facts import Fact, FactKind
from linkage_contracts.codes import Duty


class PushState(StrEnum):
    """What became of one push; the last that applies."""

    OPEN = "open"
    DELIVERED = "delivered"
    RECEIVED = "received"
    ENROLLED = "enrolled"
    CLOSED = "closed"
    RETURNED = "returned"
    RECALLED = "recalled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One push with all facts about it."""

    push_id: str
    steps: Mapping[FactKind, Fact]
    fed_back: tuple[Fact, ...]

    @property
    def still_owed(self) -> frozenset[str]:
        """Duties not done yet; of a push that was taken back nothing is owed."""
        if self.steps.keys() & {FactKind.RETURNED, FactKind.RECALLED}:
            return frozenset()
        if FactKind.OPENED not in self.steps:
            # Its opening has not been read yet, so nobody knows what it owes: at least a receipt.
            return frozenset({Duty.RECEIPT})
        return frozenset(self.steps[FactKind.OPENED].detail["owes"]) - self._done

    @property
    def state(self) -> PushState:
        """See ``PushState``."""
        for state in (PushState.RECALLED, PushState.RETURNED):
            if FactKind(state) in self.steps:
                return state
        if not self.still_owed:
            return PushState.CLOSED
        for state in (PushState.ENROLLED, PushState.RECEIVED, PushState.DELIVERED):
            if FactKind(state) in self.steps:
                return state
        return PushState.OPEN

    @property
    def _done(self) -> set[str]:
        done = {str(fact.detail["duty"]) for fact in self.fed_back}
        if FactKind.RECEIVED in self.steps:
            done |= {Duty.RECEIPT, Duty.NOTICE}
        if FactKind.DELIVERED in self.steps:
            done.add(Duty.NOTICE)
        if FactKind.ENROLLED in self.steps:
            done.add(Duty.ENROLMENT)
        return done


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolEntry:
    """Something nobody is competent for yet; settled by the push that a claim or reroute opens."""

    pool_id: str
    since: datetime
    reason: str
    resolved_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedResult:
    """A result that came back, with all facts about it."""

    result_id: str
    steps: Mapping[FactKind, Fact]
    reports: tuple[Fact, ...]

    @property
    def is_open(self) -> bool:
        """Whether the second loop has not ended for this result."""
        if FactKind.RESULT_RETURNED in self.steps:
            return False
        if not self.steps.keys() >= {FactKind.FOUND, FactKind.RESULT_RECEIVED}:
            return True
        requests = "requests" in self.steps[FactKind.FOUND].detail
        if self.reports:
            return FactKind.REPORT_FORWARDED not in self.steps
        return requests

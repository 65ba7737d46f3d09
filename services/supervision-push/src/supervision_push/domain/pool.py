"""What waits to be claimed (认领): a decision that found nobody, or a returned push."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from linkage_contracts.codes import Duty
from linkage_contracts.decisions import Item
from linkage_contracts.ids import stable_id
from linkage_runtime.errors import PermanentError


class AlreadyClaimedError(PermanentError):
    """Another authority was faster."""


def pool_id(event_id: str, returned_push: str | None) -> str:
    """One entry for what found nobody, and one for each returned push of the decision event."""
    return stable_id("pool", event_id, returned_push or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who took an entry; a reroute is a claim in the name of the suggested authority."""

    at: datetime
    organisation: str
    by: str
    reason: str
    push_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolEntry:
    """One waiting entry."""

    pool_id: str
    decision_id: str
    event_id: str
    authority: str
    region: str
    party: str
    items: tuple[Item, ...]
    reason: str
    entered_at: datetime
    returned_push: str | None = None
    returned_by: str | None = None
    suggested: str | None = None
    owes: tuple[Duty, ...] = ()
    """What the returned push owed; empty when there was none."""
    round: int = 0
    """The routing round of the returned push; 0 when there was none."""
    claim: Claim | None = None

    def taken(self, claim: Claim) -> Self:
        """Give it to whoever claims it.

        Raises:
            AlreadyClaimedError: another organisation has it.
        """
        if self.claim is None:
            return replace(self, claim=claim)
        if self.claim.organisation == claim.organisation:
            return self
        raise AlreadyClaimedError("已被其他单位认领 (another authority has claimed it)")

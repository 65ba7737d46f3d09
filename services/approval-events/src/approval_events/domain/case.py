"""One decision with everything that it is measured by: what the rules of approval look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, Protocol

from linkage_contracts.catalogue import Catalogue, CatalogueItem
from linkage_contracts.codes import DecisionKind, RiskClass
from linkage_contracts.decisions import Tolerance
from linkage_contracts.ratings import Bar
from linkage_runtime.working_days import WorkCalendar


class Judged(Protocol):
    """What the rules look at: a submission, or a decision that an act was applied to."""

    @property
    def kind(self) -> DecisionKind:
        """What was decided."""

    @property
    def commitment(self) -> object | None:
        """告知承诺, if it was made on one."""

    @property
    def tolerance(self) -> Tolerance | None:
        """容缺, if something was missing."""

    @property
    def accepted_on(self) -> date | None:
        """受理日期, if the department says it."""

    @property
    def decided_on(self) -> date:
        """The date of the decision."""

    @property
    def effective_on(self) -> date:
        """The date of the decision or of the act on it."""

    @property
    def valid_from(self) -> date | None:
        """有效期自."""

    @property
    def valid_until(self) -> date | None:
        """有效期至; ``None`` is 长期."""


class CreditTrouble(StrEnum):
    """Why credit could not be asked at the door."""

    NOT_CONFIGURED = "not_configured"
    PAUSED = "paused"
    """It failed a moment ago, and is left alone for some seconds."""
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    """It answered, but not 200: the key may be wrong."""
    NONSENSE = "nonsense"
    """What it answered is no answer to what was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unverified:
    """Credit could not be asked: what is said of the party comes from this service's own copy."""

    trouble: CreditTrouble
    told_at: datetime | None
    """When the copy was told; ``None`` if nothing was ever told of the party."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A party's credit, as far as a decision asks for it."""

    bars: tuple[Bar, ...] = ()
    """Why it may not use commitments, or tolerance."""
    risk_class: RiskClass | None = None
    unverified: Unverified | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One decision with everything that it is measured by."""

    judged: Judged
    codes: Sequence[str]
    """Its items, as named or as found by the authority's mapping."""
    standing: Standing
    catalogue: Catalogue
    calendar: WorkCalendar
    today: date

    @property
    def items(self) -> tuple[CatalogueItem, ...]:
        """Those of its items that the catalogue knows."""
        known = self.catalogue.item_by_code
        return tuple(known[code] for code in self.codes if code in known)

    def bar(self, use: Literal["commitment", "tolerance"]) -> Bar | None:
        """The earliest bar that kept the party from a use of these items when it was decided."""
        in_force = [
            bar
            for bar in self.standing.bars
            if bar.since <= self.judged.effective_on
            and any(bar.holds_for(use, code) for code in self.codes or (None,))
        ]
        return min(in_force, key=lambda bar: bar.since, default=None)

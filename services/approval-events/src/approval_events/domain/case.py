"""One decision with everything that it is measured by: what the rules of approval look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What this service has heard of a party's credit."""

    bars: tuple[Bar, ...] = ()
    """Why it may not use commitments."""
    risk_class: RiskClass | None = None


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

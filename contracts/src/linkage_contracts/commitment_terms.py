"""By when a commitment (告知承诺) is verified: one rule, for the clock and for the ledger."""

import calendar
from collections.abc import Iterable
from datetime import date

from linkage_contracts.catalogue import CatalogueItem


def check_months(items: Iterable[CatalogueItem], default: int) -> int:
    """Months from the decision to the check; of several items the shortest term counts."""
    own = [item.terms.commitment_check_months if item.terms else None for item in items]
    return min((default if one is None else one for one in own), default=default)


def add_months(day: date, count: int) -> date:
    """The same day of a later month, or that month's last day (民法典 §202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))

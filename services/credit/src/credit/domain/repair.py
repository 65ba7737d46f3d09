"""Terms of credit repair (信用修复): from when it may be granted, and when publication ends anyway.

《信用修复管理办法》 NDRC Order No. 36, in force 2026-04-01 (DOMAIN.md §4.2, from summaries of the
press; the clock runs from the date of the document). What class a fact belongs to is the
scorecard's assumption.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from credit.domain.facts import REPAIRABLE_KINDS, Fact
from credit.domain.grades import Seriousness


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Months from the day of the document."""

    least: int
    most: int


ORDER_36: Mapping[Seriousness, Term] = {
    Seriousness.MINOR: Term(least=0, most=3),
    Seriousness.ORDINARY: Term(least=3, most=12),
    Seriousness.SERIOUS: Term(least=12, most=36),
}


def repairable_from(fact: Fact, seriousness: Seriousness) -> date:
    """The first day on which repair may be applied for; minor information: at once."""
    return plus_months(fact.occurred_on, ORDER_36[seriousness].least)


def published_until(fact: Fact, seriousness: Seriousness) -> date:
    """The day on which publication (公示) stops by itself."""
    return plus_months(fact.occurred_on, ORDER_36[seriousness].most)


def is_public(fact: Fact, seriousness: Seriousness, on: date) -> bool:
    """Whether it may be shown on a day: 失信信息 within its term, an entry as its list has it."""
    is_bound = fact.kind in REPAIRABLE_KINDS and fact.entry is None
    return not is_bound or on < published_until(fact, seriousness)


def plus_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where there is none."""
    month = day.year * 12 + day.month - 1 + months
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))

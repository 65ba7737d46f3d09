"""Report a month (月度分类): counts between classes, domain by domain, made once and kept."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from credit.domain.facts import in_order
from credit.domain.month import Moves, count_moves
from credit.domain.scorecard import Scorecards
from credit.ports import AllFacts

_AT_ONCE = 50
"""Parties counted before events get their turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReport:
    """As of the first day of a month, by what was known when it was made."""

    first: date
    made_at: datetime
    domains: tuple[Moves, ...]


class MonthReports(Protocol):
    """Every month's report."""

    async def has(self, first: date) -> bool:
        """Whether this month's was made."""

    async def add(self, report: MonthReport) -> None:
        """Keep it, unless one is there."""

    async def newest(self, limit: int) -> Sequence[MonthReport]:
        """The last ones, newest first."""


async def report_month(
    first: date, *, facts: AllFacts, reports: MonthReports, scorecards: Scorecards, at: datetime
) -> MonthReport | None:
    """Count all parties once, one held at a time; ``None`` if it was made before.

    Raises:
        TransientError: MongoDB is away; nothing was kept.
    """
    if await reports.has(first):
        return None
    moves: dict[str, Moves] = {}
    number = 0
    async for known in facts.by_party():
        count_moves(in_order(known), scorecards, first, moves)
        number += 1
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)
    ordered = tuple(moves[domain] for domain in sorted(moves))
    report = MonthReport(first=first, made_at=at, domains=ordered)
    await reports.add(report)
    return report

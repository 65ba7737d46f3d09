"""Deadlines that run on a push, or on a result that went back: 预警, 催办, 督办."""

import calendar as months
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import IntEnum
from functools import lru_cache
from typing import Self

from linkage_contracts.codes import Clock
from linkage_contracts.feeds import ClockNotice
from linkage_runtime.clock import SHANGHAI, day_of
from linkage_runtime.working_days import Due, WorkCalendar


class Level(IntEnum):
    """How far a clock has gone; each level is told once."""

    QUIET = 0
    WARNED = 1
    OVERDUE = 2
    ESCALATED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long each duty may take, and when its lateness is told to whom."""

    working_days: Mapping[Clock, int]
    commitment_check_months: int
    warn_after: float
    """Share of the term, between 0 and 1."""
    escalate_working_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningClock:
    """One deadline: when each of its levels falls due, and how far it was told."""

    clock: Clock
    started_at: datetime
    due_on: date
    due_at: datetime
    warn_at: datetime
    escalate_at: datetime
    provisional: bool = False
    """The year's holiday notice was not known when it was computed."""
    lapses: bool = False
    """At its end nothing is overdue: policy then deems the duty done (explicit_then_deemed)."""
    level: Level = Level.QUIET
    stopped_at: datetime | None = None

    @property
    def next_at(self) -> datetime | None:
        """The earliest instant at which there is something more to tell; ``None`` if never."""
        if self.stopped_at is not None:
            return None
        moments = (moment for level, moment in self._moments() if level > self.level)
        return min(moments, default=None)

    def due_levels(self, at: datetime) -> tuple[Level, ...]:
        """The levels to be told at ``at``, lowest first.

        A warning of what has already happened is left out; overdue and escalated are both told.
        """
        if self.stopped_at is not None:
            return ()
        due = [level for level, moment in self._moments() if self.level < level and moment <= at]
        too_late_to_warn = self.due_at <= at
        return tuple(level for level in due if level is not Level.WARNED or not too_late_to_warn)

    def told(self, at: datetime) -> Self:
        """The clock after everything due at ``at`` was told."""
        reached = [level for level, moment in self._moments() if moment <= at]
        return replace(self, level=max([self.level, *reached]))

    def moment_of(self, level: Level) -> datetime:
        """When a level falls due."""
        return dict(self._moments())[level]

    def stopped(self, at: datetime) -> Self:
        """The duty was done, or is owed no more; a second stop changes nothing."""
        return self if self.stopped_at is not None else replace(self, stopped_at=at)

    @property
    def notice(self) -> ClockNotice:
        """As its organisation is told of it."""
        return ClockNotice(clock=self.clock, due_on=self.due_on, provisional=self.provisional)

    def _moments(self) -> tuple[tuple[Level, datetime], ...]:
        warning = (Level.WARNED, self.warn_at)
        if self.lapses:
            return (warning,)
        return (warning, (Level.OVERDUE, self.due_at), (Level.ESCALATED, self.escalate_at))


def start_clock(
    clock: Clock,
    *,
    started_at: datetime,
    terms: Terms,
    calendar: WorkCalendar,
    due_on: date | None = None,
    lapses: bool = False,
) -> RunningClock:
    """Start one deadline, by its term in working days or for a day that was named (``due_on``)."""
    start = day_of(started_at)
    due = (
        _end_of(calendar, start, terms.working_days[clock])
        if due_on is None
        else calendar.on(start, due_on)
    )
    escalation = _end_of(calendar, due.on, terms.escalate_working_days)
    return RunningClock(
        clock=clock,
        started_at=started_at,
        due_on=due.on,
        due_at=due.at,
        warn_at=_share_of(started_at, due, terms.warn_after),
        escalate_at=escalation.at,
        provisional=due.provisional or escalation.provisional,
        lapses=lapses,
    )


def commitment_due_on(decided_on: date, verify_by: date | None, terms: Terms) -> date:
    """By when a commitment (告知承诺) is checked: the day named, else some months later."""
    return verify_by or add_months(decided_on, terms.commitment_check_months)


def start_of(day: date) -> datetime:
    """Midnight in China, from which a term that counts from a decision's date runs."""
    return datetime.combine(day, time(), tzinfo=SHANGHAI)


def add_months(day: date, count: int) -> date:
    """The same day of a later month, or that month's last day (民法典 §202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    last = months.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def next_firing(clocks: Iterable[RunningClock]) -> datetime | None:
    """The earliest instant at which any of these has something to tell."""
    return min((at for clock in clocks if (at := clock.next_at) is not None), default=None)


def highest_level(clocks: Iterable[RunningClock]) -> Level:
    """How far the worst of these has gone."""
    return max((clock.level for clock in clocks), default=Level.QUIET)


@lru_cache(maxsize=4_096)
def _end_of(calendar: WorkCalendar, start: date, working_days: int) -> Due:
    # Most pushes begin on one of a few days: counting the same days again costs more than all else.
    return calendar.end_of(start, working_days)


def _share_of(started_at: datetime, due: Due, share: float) -> datetime:
    # MongoDB keeps milliseconds. What ended before it began (back-dated) is never warned of.
    if due.at <= started_at:
        return due.at
    moment = started_at + (due.at - started_at) * share
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

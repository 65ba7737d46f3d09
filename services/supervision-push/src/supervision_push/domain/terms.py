"""How long each duty may take, and the days that this makes by the calendar."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from linkage_contracts.codes import Clock
from linkage_contracts.commitment_terms import add_months
from linkage_runtime.clock import SHANGHAI, day_of
from linkage_runtime.working_days import Due, WorkCalendar
from supervision_push.domain.clocks import RunningClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long each duty may take, and when its lateness is told to whom."""

    working_days: Mapping[Clock, int]
    commitment_check_months: int
    warn_after: float
    """Share of the term, between 0 and 1."""
    escalate_working_days: int
    supplement_before_promise: int = 0
    """Working days by which what is missing (容缺) is due before the item's promised term."""
    answer_working_days: int = 2
    """After which an escalation that nobody answered is raised again."""
    escalate_again_working_days: int | None = None
    """From the first escalation to the second level; ``None``: there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """By what clocks are set."""

    terms: Terms
    calendar: WorkCalendar


def start_clock(
    clock: Clock,
    *,
    started_at: datetime,
    schedule: Schedule,
    due_on: date | None = None,
    lapses: bool = False,
) -> RunningClock:
    """Start one deadline, by its term in working days or for a day that was named (``due_on``)."""
    named = due_on is not None
    counts_from = due_on or day_of(started_at)
    working_days = 0 if named else schedule.terms.working_days[clock]
    return RunningClock(
        clock=clock,
        started_at=started_at,
        counts_from=counts_from,
        working_days=working_days,
        lapses=lapses,
        **_course(started_at, counts_from, working_days, schedule),
    )


def reckoned(
    clock: RunningClock, *, at: datetime, schedule: Schedule, more: int = 0
) -> RunningClock:
    """The clock with ``more`` working days, and computed anew by what the calendar knows.

    A level that was told and now lies ahead is to be told again, of the new day.
    """
    working_days = clock.working_days + more
    course = _course(clock.started_at, clock.counts_from, working_days, schedule)
    moved = replace(clock, working_days=working_days, **course)
    return replace(moved, level=min(clock.level, moved.reached(at)))


def commitment_due_on(decided_on: date, verify_by: date | None, terms: Terms) -> date:
    """By when a commitment (告知承诺) is checked: the day named, else some months later."""
    return verify_by or add_months(decided_on, terms.commitment_check_months)


def start_of(day: date) -> datetime:
    """Midnight in China, from which a term that counts from a decision's date runs."""
    return datetime.combine(day, time(), tzinfo=SHANGHAI)


def answer_clock(started_at: datetime, schedule: Schedule) -> RunningClock:
    """By when a bureau answers a finding (预警) that was told, or whose answer was sent back."""
    return start_clock(Clock.FINDING_ANSWER, started_at=started_at, schedule=schedule)


def answer_due(at: datetime, schedule: Schedule) -> datetime:
    """When an escalation that was told at ``at`` is raised again for want of an answer."""
    return schedule.calendar.end_of(day_of(at), schedule.terms.answer_working_days).at


def _course(
    started_at: datetime,
    counts_from: date,
    working_days: int,
    schedule: Schedule,
) -> dict[str, Any]:
    """The days and instants of a clock."""
    terms, calendar = schedule.terms, schedule.calendar
    due = _end_of(calendar, counts_from, working_days)
    last = escalation = _end_of(calendar, due.on, terms.escalate_working_days)
    again = terms.escalate_again_working_days
    if again is not None:
        last = _end_of(calendar, escalation.on, again)
    return {
        "due_on": due.on,
        "due_at": due.at,
        "warn_at": _share_of(started_at, due, terms.warn_after),
        "escalate_at": escalation.at,
        "escalate_again_at": None if again is None else last.at,
        "awaits_year": calendar.on(day_of(started_at), last.on).awaits_year,
    }


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

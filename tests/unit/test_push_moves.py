"""Deadlines that stand still, run again and are extended: domain rules, and whatever order."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from linkage_contracts.codes import Clock, DeadlineCause
from linkage_runtime.clock import day_of
from linkage_runtime.working_days import WorkCalendar
from supervision_push.domain.clocks import Level, RunningClock
from supervision_push.domain.moves import (
    Asked,
    Limits,
    extend,
    pause,
    recompute,
    resume,
    resume_lapsed,
)
from supervision_push.domain.push import OutOfOrderError
from supervision_push.domain.terms import Schedule, start_clock
from tests.unit.clock_fakes import a_running
from tests.unit.push_builders import MARKET, NOON, OVERSIGHT, a_schedule, default_terms

SCHEDULE = a_schedule()
LIMITS = Limits(pauses=1, pause_working_days=10, extensions=2, extension_working_days=10)


def asked(at: datetime = NOON, *, reason: str = "待检测报告", oversight: bool = False) -> Asked:
    return Asked(
        at=at,
        organisation=OVERSIGHT if oversight else MARKET,
        by="clerk-1",
        reason=reason,
        limits=None if oversight else LIMITS,
    )


def knowing(*years: int, holidays: frozenset[date] = frozenset()) -> Schedule:
    calendar = WorkCalendar(
        years=frozenset(years), holidays=holidays, makeup_workdays=frozenset[date]()
    )
    return Schedule(terms=default_terms(), calendar=calendar)


def test_a_clock_that_stands_still_tells_nothing() -> None:
    stands = pause(a_running(), 5, asked(), SCHEDULE)
    assert stands.next_at is None
    assert stands.due_levels(NOON + timedelta(days=90)) == ()


def test_running_again_moves_the_end_by_the_working_days_that_it_stood_still() -> None:
    stands = pause(a_running(), 5, asked(), SCHEDULE)
    again = resume(stands, asked(NOON + timedelta(days=2)), SCHEDULE)
    assert (stands.due_on, again.due_on) == (date(2026, 11, 25), date(2026, 11, 27))
    assert again.due_at > again.warn_at > NOON
    assert again.next_at == again.warn_at


def test_a_weekend_that_it_stood_still_moves_nothing() -> None:
    friday = NOON + timedelta(days=4)
    stands = pause(a_running(Clock.INSPECTION), 5, asked(friday), SCHEDULE)
    again = resume(stands, asked(friday + timedelta(days=2)), SCHEDULE)
    assert again.due_on == stands.due_on


def test_it_runs_again_by_itself_at_the_end_of_the_day_that_the_pause_named() -> None:
    stands = pause(a_running(), 3, asked(), SCHEDULE)
    move = stands.pause
    assert move is not None
    assert move.resumes_at is not None
    assert day_of(move.resumes_at) == date(2026, 11, 26)
    assert resume_lapsed(stands, move.resumes_at - timedelta(seconds=1), SCHEDULE) is stands
    # However late somebody looks, it stood still no longer than was said.
    again = resume_lapsed(stands, move.resumes_at + timedelta(days=30), SCHEDULE)
    assert again.due_on == date(2026, 11, 30)
    assert again.moves[-1].at == move.resumes_at


def test_an_extension_moves_the_end_and_the_escalation() -> None:
    longer = extend(a_running(), 5, asked(), SCHEDULE)
    assert longer.due_on == date(2026, 12, 2)
    assert longer.escalate_at.date() == date(2026, 12, 4)
    move = longer.moves[-1]
    assert (move.was_due_on, move.due_on) == (date(2026, 11, 25), date(2026, 12, 2))


def test_what_was_warned_of_is_warned_of_again_before_the_new_end() -> None:
    clock = a_running()
    warned = clock.told(clock.warn_at)
    longer = extend(warned, 10, asked(clock.warn_at), SCHEDULE)
    assert longer.level is Level.QUIET
    assert longer.due_levels(longer.warn_at) == (Level.WARNED,)


def test_a_warning_that_still_stands_is_not_repeated() -> None:
    inspection = a_running(Clock.INSPECTION)
    late = inspection.due_at - timedelta(minutes=5)
    longer = extend(inspection.told(late), 1, asked(late), SCHEDULE)
    assert longer.level is Level.WARNED


def test_the_same_extension_sent_again_changes_nothing() -> None:
    longer = extend(a_running(), 5, asked(), SCHEDULE)
    assert extend(longer, 5, asked(NOON + timedelta(minutes=1)), SCHEDULE) is longer


def test_a_second_pause_and_a_second_resumption_change_nothing() -> None:
    stands = pause(a_running(), 5, asked(), SCHEDULE)
    assert pause(stands, 5, asked(), SCHEDULE) is stands
    again = resume(stands, asked(), SCHEDULE)
    assert resume(again, asked(), SCHEDULE) is again


def _extended_twice() -> RunningClock:
    once = extend(a_running(), 2, asked(), SCHEDULE)
    return extend(once, 2, asked(reason="再延"), SCHEDULE)


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda: extend(a_running(), 11, asked(), SCHEDULE), "合计"),
        (lambda: extend(_extended_twice(), 2, asked(reason="三延"), SCHEDULE), "最多延期"),
        (lambda: pause(a_running(), 11, asked(), SCHEDULE), "每次最多中止"),
        (lambda: resume(a_running(), asked(), SCHEDULE), "未中止"),
        (lambda: extend(a_running().stopped(NOON), 2, asked(), SCHEDULE), "已终止"),
        (lambda: pause(a_running(), 2, asked(a_running().due_at), SCHEDULE), "已逾期"),
        (
            lambda: extend(pause(a_running(), 2, asked(), SCHEDULE), 2, asked(), SCHEDULE),
            "先恢复",
        ),
        (
            lambda: pause(
                resume(pause(a_running(), 2, asked(), SCHEDULE), asked(), SCHEDULE),
                *(2, asked(reason="再停"), SCHEDULE),
            ),
            "最多中止",
        ),
    ],
)
def test_who_owes_is_held_to_limits(act: Callable[[], object], says: str) -> None:
    with pytest.raises(OutOfOrderError, match=says):
        act()


def test_oversight_gives_more_time_even_to_what_is_overdue() -> None:
    clock = a_running()
    overdue = clock.told(clock.due_at)
    longer = extend(overdue, 30, asked(clock.due_at, oversight=True), SCHEDULE)
    assert longer.level is Level.QUIET
    assert longer.next_at == longer.warn_at


def test_a_provisional_deadline_is_computed_again_by_the_notice_of_its_year() -> None:
    started = datetime(2026, 12, 30, 4, tzinfo=NOON.tzinfo)
    clock = start_clock(Clock.RECEIPT, started_at=started, schedule=knowing(2026))
    assert (clock.due_on, clock.awaits_year) == (date(2027, 1, 1), 2027)
    assert recompute(clock, started, knowing(2026)) is clock
    holidays = frozenset({date(2027, 1, 1), date(2027, 1, 4)})
    known = recompute(clock, started, knowing(2026, 2027, holidays=holidays))
    assert known.due_on == date(2027, 1, 5)
    assert not known.provisional
    assert known.moves[-1].cause is DeadlineCause.RECOMPUTED
    assert recompute(known, started, knowing(2026, 2027)) is known


def test_a_day_that_was_named_stays_when_its_year_becomes_known() -> None:
    named = date(2027, 1, 4)
    clock = start_clock(
        Clock.COMMITMENT_CHECK, started_at=NOON, schedule=knowing(2026), due_on=named
    )
    holidays = frozenset({named, date(2027, 1, 5)})
    known = recompute(clock, NOON, knowing(2026, 2027, holidays=holidays))
    assert known.due_on == named
    assert known.escalate_at > clock.escalate_at


class LifeOfADeadline(RuleBasedStateMachine):
    """Whatever is asked in whatever order: nothing is lost, and no level is told before its day."""

    def __init__(self) -> None:
        super().__init__()
        self.at = NOON
        self.clock = a_running(Clock.INSPECTION)
        self.told: list[tuple[date, Level]] = []

    @rule(hours=st.integers(1, 200))
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @rule()
    def chase(self) -> None:
        levels = self.clock.due_levels(self.at)
        assert not levels or self.clock.runs
        for level in levels:
            assert self.clock.moment_of(level) <= self.at
            self.told.append((self.clock.due_on, level))
        self.clock = self.clock.told(self.at)

    @rule(days=st.integers(1, 12), oversight=st.booleans())
    def pause(self, days: int, *, oversight: bool) -> None:
        self._try(lambda one: pause(one, days, self._asked(oversight), SCHEDULE))

    @rule(oversight=st.booleans())
    def resume(self, *, oversight: bool) -> None:
        self._try(lambda one: resume(one, self._asked(oversight), SCHEDULE))

    @rule()
    def the_pause_is_over(self) -> None:
        self.clock = resume_lapsed(self.clock, self.at, SCHEDULE)
        stands = self.clock.pause
        over = stands is not None and stands.resumes_at is not None and stands.resumes_at <= self.at
        assert not over or self.clock.stopped_at is not None

    @rule(days=st.integers(1, 12), oversight=st.booleans())
    def extend(self, days: int, *, oversight: bool) -> None:
        self._try(lambda one: extend(one, days, self._asked(oversight), SCHEDULE))

    @rule()
    def stop(self) -> None:
        self.clock = self.clock.stopped(self.at)

    def _asked(self, oversight: bool) -> Asked:  # noqa: FBT001 -- drawn by hypothesis
        reason = f"第 {len(self.clock.moves)} 次"
        return asked(self.at, reason=reason, oversight=oversight)

    def _try(self, act: Callable[[RunningClock], RunningClock]) -> None:
        before = self.clock
        try:
            self.clock = act(before)
        except OutOfOrderError:
            return
        assert self.clock.due_on >= before.due_on, "no act takes time away"
        assert self.clock.moves[: len(before.moves)] == before.moves

    @invariant()
    def the_term_is_the_first_one_and_all_that_was_added(self) -> None:
        added = sum(move.working_days for move in self.clock.moves)
        whole = SCHEDULE.calendar.end_of(day_of(NOON), 20 + added)
        assert self.clock.due_on == whole.on

    @invariant()
    def what_runs_is_never_forgotten(self) -> None:
        clock = self.clock
        if clock.runs:
            assert clock.next_at is not None or clock.level is Level.ESCALATED
        elif clock.stopped_at is None:
            assert clock.pause is not None
            assert clock.pause.resumes_at is not None

    @invariant()
    def each_level_of_each_day_is_told_once(self) -> None:
        assert len(self.told) == len(set(self.told))

    @invariant()
    def who_owes_stayed_within_its_limits(self) -> None:
        own = [move for move in self.clock.moves if move.organisation == MARKET]
        given = [move for move in own if move.cause is DeadlineCause.EXTENDED]
        assert len(given) <= LIMITS.extensions
        assert sum(move.working_days for move in given) <= LIMITS.extension_working_days


TestLifeOfADeadline = LifeOfADeadline.TestCase
TestLifeOfADeadline.settings = settings(max_examples=50, stateful_step_count=20, deadline=None)

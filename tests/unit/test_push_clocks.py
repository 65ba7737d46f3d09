"""Deadlines: when each level falls due, and which levels are told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_contracts.codes import Clock, Duty, ReceiptPolicy
from linkage_contracts.commitment_terms import add_months
from supervision_push.domain.clocks import Level, RunningClock, next_firing
from supervision_push.domain.opening import Opening, begin_push
from supervision_push.domain.push import Push
from supervision_push.domain.terms import commitment_due_on, start_clock
from tests.unit.push_builders import (
    MARKET,
    NOON,
    a_catalogue,
    a_commitment,
    a_decision,
    a_schedule,
    default_terms,
)


def a_clock(started_at: datetime = NOON, due_on: date | None = None) -> RunningClock:
    return start_clock(
        Clock.RECEIPT,
        started_at=started_at,
        schedule=a_schedule(),
        due_on=due_on,
    )


def a_push_of(decided_on: date, verify_by: date | None, policy: ReceiptPolicy) -> Push:
    event = a_decision(
        a_catalogue(), commitment=a_commitment(verify_by), decided_on=decided_on, on=decided_on
    )
    opening = Opening(recipient=MARKET, owes=tuple(Duty), policy=policy, at=NOON)
    return begin_push(event, opening, a_schedule())


def test_a_receipt_is_due_at_the_end_of_the_second_working_day() -> None:
    clock = a_clock()
    assert clock.due_on == date(2026, 11, 25)
    assert clock.due_at == datetime(2026, 11, 25, 15, 59, 59, 999000, tzinfo=UTC)


def test_it_is_warned_after_four_fifths_and_escalated_two_working_days_late() -> None:
    clock = a_clock()
    share = (clock.warn_at - NOON) / (clock.due_at - NOON)
    assert share == pytest.approx(0.8, abs=1e-6)
    assert clock.escalate_at.date() == date(2026, 11, 27)


def test_a_term_over_a_weekend_counts_working_days_only() -> None:
    friday = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
    assert a_clock(friday).due_on == date(2026, 12, 1)


def test_a_clock_of_an_unknown_year_is_provisional() -> None:
    assert a_clock(datetime(2027, 12, 30, 4, tzinfo=UTC)).provisional
    assert not a_clock().provisional


def test_a_warning_of_what_has_already_happened_is_left_out() -> None:
    clock = a_clock()
    assert clock.due_levels(clock.due_at) == (Level.OVERDUE,)


def test_overdue_and_escalated_are_both_told_when_both_passed() -> None:
    clock = a_clock()
    assert clock.due_levels(clock.escalate_at) == (Level.OVERDUE, Level.ESCALATED)


def test_what_was_told_is_not_told_again() -> None:
    clock = a_clock()
    told = clock.told(clock.due_at)
    assert told.level is Level.OVERDUE
    assert told.due_levels(clock.due_at) == ()
    assert told.due_levels(clock.escalate_at) == (Level.ESCALATED,)


def test_a_stopped_clock_tells_nothing() -> None:
    clock = a_clock().stopped(NOON)
    assert clock.next_at is None
    assert clock.due_levels(clock.escalate_at) == ()


def test_a_receipt_that_lapses_is_warned_of_but_never_overdue() -> None:
    clock = replace(a_clock(), lapses=True)
    assert clock.due_levels(clock.warn_at) == (Level.WARNED,)
    assert clock.due_levels(clock.escalate_at) == ()
    assert clock.told(clock.escalate_at).next_at is None


@given(
    days=st.integers(-60, 60),
    moments=st.lists(st.integers(-100, 100), min_size=1, max_size=8),
)
def test_however_often_one_looks_each_level_is_told_at_most_once(
    days: int, moments: list[int]
) -> None:
    due_on = (NOON + timedelta(days=days)).date()
    clock = a_clock(due_on=due_on)
    told: list[Level] = []
    for hours in sorted(moments):
        at = clock.due_at + timedelta(hours=12 * hours)
        told += clock.due_levels(at)
        clock = clock.told(at)
        assert clock.next_at is None or clock.next_at > at
    assert told == sorted(set(told))
    last = clock.due_at + timedelta(hours=12 * max(moments))
    assert (Level.OVERDUE in told) == (last >= clock.due_at)
    assert (Level.ESCALATED in told) == (last >= clock.escalate_at)


def test_a_commitment_is_checked_two_months_after_the_decision() -> None:
    assert commitment_due_on(date(2026, 10, 8), None, default_terms()) == date(2026, 12, 8)


def test_a_commitment_is_checked_by_the_day_that_it_names() -> None:
    day = date(2026, 11, 30)
    assert commitment_due_on(date(2026, 10, 8), day, default_terms()) == day


def test_a_month_that_lacks_the_day_ends_the_term_with_its_last_day() -> None:
    assert add_months(date(2026, 12, 31), 2) == date(2027, 2, 28)


def test_the_commitment_clock_of_a_back_dated_decision_is_late_from_the_start() -> None:
    push = a_push_of(date(2026, 9, 1), None, ReceiptPolicy.EXPLICIT)
    clock = next(one for one in push.clocks if one.clock is Clock.COMMITMENT_CHECK)
    assert clock.due_levels(NOON) == (Level.OVERDUE, Level.ESCALATED)


def test_the_commitment_clock_runs_from_the_day_of_the_decision() -> None:
    push = a_push_of(date(2026, 10, 1), None, ReceiptPolicy.EXPLICIT)
    clock = next(one for one in push.clocks if one.clock is Clock.COMMITMENT_CHECK)
    assert clock.due_levels(NOON) == (Level.WARNED,)


def test_a_push_has_a_clock_for_each_duty_but_the_notice() -> None:
    push = a_push_of(date(2026, 11, 23), None, ReceiptPolicy.EXPLICIT)
    assert [clock.clock for clock in push.clocks] == [
        Clock.RECEIPT,
        Clock.ENROLMENT,
        Clock.INSPECTION,
        Clock.COMMITMENT_CHECK,
    ]


def test_only_the_receipt_lapses_and_only_where_policy_says_so() -> None:
    push = a_push_of(date(2026, 11, 23), None, ReceiptPolicy.EXPLICIT_THEN_DEEMED)
    assert [clock.clock for clock in push.clocks if clock.lapses] == [Clock.RECEIPT]
    assert push.deem_at == push.clocks[0].due_at
    assert a_push_of(date(2026, 11, 23), None, ReceiptPolicy.EXPLICIT).deem_at is None


def test_the_next_firing_is_the_earliest_of_all_clocks() -> None:
    push = a_push_of(date(2026, 11, 23), None, ReceiptPolicy.EXPLICIT)
    assert next_firing(push.clocks) == push.clocks[0].warn_at

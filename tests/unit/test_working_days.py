"""Terms in working days, by the State Council's notices."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import chinese_calendar
import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage_runtime.clock import day_of
from linkage_runtime.working_days import WorkCalendar

CALENDAR = WorkCalendar.load(Path(__file__).parents[2] / "deploy" / "calendar")


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 11, 23), 2, date(2026, 11, 25)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),  # over a weekend
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # over the National Day holidays
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday worked to make up
        (date(2026, 11, 23), 0, date(2026, 11, 23)),
    ],
)
def test_a_term_counts_from_the_next_working_day(start: date, days: int, end: date) -> None:
    due = CALENDAR.end_of(start, days)
    assert due.on == end
    assert not due.provisional


def test_a_term_ends_with_the_last_moment_of_the_day_in_china() -> None:
    due = CALENDAR.end_of(date(2026, 11, 23), 1)
    assert due.at == datetime(2026, 11, 24, 15, 59, 59, 999000, tzinfo=UTC)
    assert day_of(due.at) == date(2026, 11, 24)


def test_a_term_into_a_year_without_a_notice_is_provisional() -> None:
    assert CALENDAR.end_of(date(2026, 12, 31), 1).provisional
    assert CALENDAR.on(date(2026, 12, 1), date(2027, 1, 20)).provisional


def test_counting_back_agrees_with_counting_forward() -> None:
    start = date(2026, 9, 1)
    for days in range(60):
        end = CALENDAR.end_of(start, days).on
        assert CALENDAR.working_days_between(start, end) == days


def test_a_file_with_a_stray_day_is_refused(tmp_path: Path) -> None:
    (tmp_path / "2026.json").write_text(
        '{"year": 2026, "source": "x", "holidays": ["2027-01-01"], "makeup_workdays": []}'
    )
    with pytest.raises(ValueError, match="without a file"):
        WorkCalendar.load(tmp_path)


@settings(deadline=None)
@given(start=st.dates(date(2024, 1, 1), date(2026, 6, 30)), working_days=st.integers(1, 60))
def test_a_term_ends_where_two_independent_libraries_end_it(start: date, working_days: int) -> None:
    end = CALENDAR.end_of(start, working_days).on
    china = holidays.China(years=range(2024, 2027))  # type: ignore[attr-defined] # as above
    assert china.get_nth_working_day(start, working_days) == end
    between = [start + timedelta(days=day) for day in range(1, (end - start).days + 1)]
    assert sum(map(chinese_calendar.is_workday, between)) == working_days


def test_the_horizon_is_the_end_of_the_last_year_known_without_a_gap() -> None:
    known = WorkCalendar(
        years=frozenset({2026, 2027, 2029}), holidays=frozenset(), makeup_workdays=frozenset()
    )
    assert known.known_until(date(2026, 11, 23)) == date(2027, 12, 31)
    assert known.known_until(date(2028, 3, 1)) == date(2027, 12, 31)


def test_a_term_says_which_year_it_waits_for() -> None:
    assert CALENDAR.end_of(date(2026, 12, 31), 1).awaits_year == 2027
    assert CALENDAR.end_of(date(2026, 11, 23), 1).awaits_year is None

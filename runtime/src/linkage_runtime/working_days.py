"""Working days (工作日) by the State Council's yearly notices, one JSON file a year.

Terms count from the next working day and end with the last moment of the day in Asia/Shanghai.
A year without a notice is answered by weekdays alone and marked provisional, to be recomputed.
"""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Self

from linkage_runtime.clock import SHANGHAI

_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The end of a term: its day, and the instant after which it is missed."""

    on: date
    at: datetime
    awaits_year: int | None = None
    """The first year that the term touches and whose notice is not loaded: it may move then."""

    @property
    def provisional(self) -> bool:
        """Whether it may still move."""
        return self.awaits_year is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """Which days are worked, for the years whose notices are loaded."""

    years: frozenset[int]
    holidays: frozenset[date] = field(repr=False)
    makeup_workdays: frozenset[date] = field(repr=False)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read every ``YYYY.json`` of ``directory``.

        Raises:
            ValueError: a file names a day of another year.
        """
        years, holidays, makeups = set(), set(), set()
        for path in sorted(directory.glob("[0-9]*.json")):
            notice = json.loads(path.read_text(encoding="utf-8"))
            years.add(notice["year"])
            holidays |= {date.fromisoformat(day) for day in notice["holidays"]}
            makeups |= {date.fromisoformat(day) for day in notice["makeup_workdays"]}
        strays = {day for day in holidays | makeups if day.year not in years}
        if strays:
            msg = f"{directory}: days of years without a file: {sorted(strays)}"
            raise ValueError(msg)
        return cls(
            years=frozenset(years),
            holidays=frozenset(holidays),
            makeup_workdays=frozenset(makeups),
        )

    def is_working_day(self, day: date) -> bool:
        """Whether ``day`` is worked; for an unknown year, whether it is a weekday."""
        if day in self.makeup_workdays:
            return True
        return day.weekday() < _SATURDAY and day not in self.holidays

    def end_of(self, start: date, working_days: int) -> Due:
        """The end of a term of ``working_days`` that begins with the day after ``start``."""
        day, left = start, working_days
        while left > 0:
            day += timedelta(days=1)
            left -= self.is_working_day(day)
        return self._due(start, day)

    def on(self, start: date, day: date) -> Due:
        """A term that was set as a calendar date."""
        return self._due(start, day)

    def known_until(self, today: date) -> date:
        """The last day of the unbroken run of known years that ``today`` lies in.

        The end of last year, where not even this one is known.
        """
        year = today.year
        while year in self.years:
            year += 1
        return date(year - 1, 12, 31)

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after ``start`` up to and including ``end``; 0 if none."""
        return sum(
            self.is_working_day(start + timedelta(days=offset))
            for offset in range(1, (end - start).days + 1)
        )

    def _due(self, start: date, day: date) -> Due:
        last_moment = datetime.combine(day, time(23, 59, 59, 999000), tzinfo=SHANGHAI)
        touched = range(start.year, day.year + 1)
        awaits_year = next((year for year in touched if year not in self.years), None)
        return Due(on=day, at=last_moment, awaits_year=awaits_year)

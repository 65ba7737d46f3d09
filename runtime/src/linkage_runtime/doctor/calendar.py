"""The calendar: how far the holiday notices go that the processes, or this machine, have loaded."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from linkage_runtime.clock import SHANGHAI, now
from linkage_runtime.doctor.finding import Finding, Words, ok, warning, wrong
from linkage_runtime.working_days import WorkCalendar

ENOUGH: Final = timedelta(days=60)
"""As the alert LinkageCalendarEnds."""
CALENDAR: Final = "calendar"
_LOAD: Words = (
    "按国务院办公厅通知编制 deploy/calendar/年份.json，重新部署",
    "write the next year's notice as deploy/calendar/YEAR.json, and roll it out",
)


def examine_calendar(directory: Path) -> Finding:
    """Read the notices of a folder as a process does."""
    try:
        calendar = WorkCalendar.load(directory)
    except (OSError, ValueError, KeyError, TypeError) as error:
        about = (f"{directory} 读不懂: {error}", f"{directory} cannot be read: {error}")
        return wrong(CALENDAR, about, mend=_LOAD)
    today = now().astimezone(SHANGHAI).date()
    return judge_horizon(calendar.known_until(today) - today, str(directory))


def judge_horizon(ahead: timedelta, whose: str) -> Finding:
    """Beyond the notices deadlines are reckoned by weekdays, and will move."""
    days = ahead // timedelta(days=1)
    about = (f"{whose}: 节假日安排可用 {days} 天", f"{whose}: days known ahead: {days}")
    if ahead >= ENOUGH:
        return ok(CALENDAR, about)
    if ahead >= timedelta(0):
        return warning(CALENDAR, about, mend=_LOAD)
    passed = (f"{whose}: 没有今年的节假日安排", f"{whose}: this year's notice is not loaded")
    return wrong(CALENDAR, passed, mend=_LOAD)

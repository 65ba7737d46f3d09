"""The time, asked for in one place, and the time zone in which government deadlines end."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""All working days and deadlines are days of this zone."""


def now() -> datetime:
    """The present, aware, in UTC, in the whole milliseconds that MongoDB keeps."""
    moment = datetime.now(tz=UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def day_of(moment: datetime) -> date:
    """The calendar day in China on which ``moment`` falls."""
    return moment.astimezone(SHANGHAI).date()

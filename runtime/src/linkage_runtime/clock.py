"""The time, asked for in one place, and the time zone in which government deadlines end."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from linkage_runtime.errors import PermanentError

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""All working days and deadlines are days of this zone."""


class NoMomentError(PermanentError):
    """Not a day, nor a moment."""


def now() -> datetime:
    """The present, aware, in UTC, in the whole milliseconds that MongoDB keeps."""
    moment = datetime.now(tz=UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def day_of(moment: datetime) -> date:
    """The calendar day in China on which ``moment`` falls."""
    return moment.astimezone(SHANGHAI).date()


def moment_in(text: str) -> datetime:
    """A day or a moment as somebody types it; without a zone it is Beijing's.

    Raises:
        NoMomentError: it is neither.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise NoMomentError(f"{text}: 不是日期或时间 (no date or time)") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)

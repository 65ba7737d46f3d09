"""Trouble with a receiver: since when, why, and how long to leave it alone.

It is also the circuit breaker of a subscription, kept where all deliverers see it: while there is
trouble the circuit is open until ``retry_at``, then half open (one small request), and closed again
by the first success.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from supervision_push.domain.answer import Cause, Failed

FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
LONGEST_OBEYED: Final = timedelta(days=1)
"""A Retry-After beyond this is taken for a mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why the last attempts failed, and when the next is made."""

    failures: int
    since: datetime
    cause: Cause
    detail: str
    retry_at: datetime

    def again_at(self, at: datetime) -> Self:
        """The same trouble, tried again sooner or later."""
        return replace(self, retry_at=at)


def troubled(before: Trouble | None, failure: Failed, at: datetime, *, pause: timedelta) -> Trouble:
    """The trouble after one more failure; a fault of the other side is a trouble of its own."""
    goes_on = before is not None and before.cause.side is failure.cause.side
    asked = failure.retry_after
    if asked is not None:
        # No sooner than we would ask anybody: one who says "at once" would be asked without end.
        pause = min(max(asked, FIRST_PAUSE), LONGEST_OBEYED)
    return Trouble(
        failures=before.failures + 1 if before and goes_on else 1,
        since=before.since if before and goes_on else at,
        cause=failure.cause,
        detail=failure.detail,
        retry_at=at + pause,
    )


def pause_after(failures: int, chance: float) -> timedelta:
    """How long to wait after this many failures in a row: doubled each time, from 1 s to 1 h.

    ``chance`` takes off up to a half, so that endpoints that failed together don't return together.
    """
    # 2^12 s is over an hour; a higher power only risks an overflow after months of failures.
    doubled = FIRST_PAUSE * (1 << min(max(failures, 1) - 1, 12))
    full = min(doubled, LONGEST_PAUSE)
    return max(FIRST_PAUSE, full * (1 - chance / 2))

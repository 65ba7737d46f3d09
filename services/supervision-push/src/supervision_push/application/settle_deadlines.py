"""What deadlines do by themselves: run again when a pause is over, and follow the calendar.

Each is one conditional write that holds its event; what somebody moved in between is found again
by the next round, and what is settled is not found any more.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from supervision_push.application.clock_ports import ClockBook, Subject
from supervision_push.application.deadline_announcements import moved
from supervision_push.domain.clocks import RunningClock
from supervision_push.domain.moves import recompute, resume_lapsed
from supervision_push.domain.terms import Schedule


async def resume_deadlines(
    at: datetime, limit: int, *, clocks: ClockBook, schedule: Schedule
) -> int:
    """Let run again what stood still as long as it was to.

    Returns:
        How many were found; as many as ``limit`` means that there may be more.
    """
    found = await clocks.standing_still(at, limit)
    await _settle(found, lambda clock: resume_lapsed(clock, at, schedule), at, clocks)
    return len(found)


async def recompute_deadlines(
    at: datetime, limit: int, *, clocks: ClockBook, schedule: Schedule
) -> int:
    """Compute again what was provisional for want of a year's notice that is loaded by now.

    Returns:
        How many were found; as many as ``limit`` means that there may be more.
    """
    found = await clocks.awaiting(schedule.calendar.years, limit)
    await _settle(found, lambda clock: recompute(clock, at, schedule), at, clocks)
    return len(found)


async def _settle(
    found: Sequence[Subject],
    act: Callable[[RunningClock], RunningClock],
    at: datetime,
    clocks: ClockBook,
) -> None:
    steps = [moved(one, [act(clock) for clock in one.clocks], at) for one in found]
    await clocks.save([step for step in steps if step.letters])
    await clocks.flush([one.key for one in found])

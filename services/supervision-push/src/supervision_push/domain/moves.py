"""Acts on a running deadline: it stands still (中止), runs again (恢复), is extended (延期).

While a clock stands still nothing is told, and it runs again by itself on the day named, so that
nobody loses sight of what it owes. Running again moves the end by the working days that it stood
still. How often and how long is an assumption: it binds the one who owes, and not its oversight,
which alone may act on what is overdue already.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from linkage_contracts.codes import DeadlineCause
from linkage_runtime.clock import day_of
from supervision_push.domain.clocks import ClockMove, RunningClock
from supervision_push.domain.push import OutOfOrderError
from supervision_push.domain.terms import Schedule, reckoned


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often and how long one deadline may be moved by the one who owes: assumptions."""

    pauses: int
    pause_working_days: int
    """Of each pause."""
    extensions: int
    extension_working_days: int
    """Of all extensions together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks for it, when and why."""

    at: datetime
    organisation: str
    by: str
    reason: str
    ground: str | None = None
    limits: Limits | None
    """What binds them; ``None`` for oversight."""


def pause(clock: RunningClock, working_days: int, asked: Asked, schedule: Schedule) -> RunningClock:
    """Let it stand still, for so many working days at most.

    Raises:
        OutOfOrderError: it has ended, is late, or was paused as often or as long as one may.
    """
    if clock.pause is not None:
        return clock
    limits = _movable(clock, asked)
    if limits and _count(clock, DeadlineCause.PAUSED) >= limits.pauses:
        raise OutOfOrderError(f"最多中止 {limits.pauses} 次 (paused as often as is allowed)")
    if limits and working_days > limits.pause_working_days:
        longest = limits.pause_working_days
        raise OutOfOrderError(f"每次最多中止 {longest} 个工作日 (at most {longest} working days)")
    resumes = schedule.calendar.end_of(day_of(asked.at), working_days)
    stands = replace(_move(clock, DeadlineCause.PAUSED, asked), resumes_at=resumes.at)
    return replace(clock, moves=(*clock.moves, stands))


def resume(clock: RunningClock, asked: Asked, schedule: Schedule) -> RunningClock:
    """Let it run again, longer by the working days that it stood still.

    Raises:
        OutOfOrderError: it has ended, or never stood still.
    """
    if clock.pause is None:
        if clock.stopped_at is None and clock.moves[-1:] and _is(clock, DeadlineCause.RESUMED):
            return clock
        raise OutOfOrderError("该期限未中止 (this deadline does not stand still)")
    _still_open(clock)
    return _run_again(clock, _move(clock, DeadlineCause.RESUMED, asked), schedule)


def resume_lapsed(clock: RunningClock, at: datetime, schedule: Schedule) -> RunningClock:
    """Let it run again by itself, from the end of the day that the pause named."""
    stands = clock.pause
    if stands is None or stands.resumes_at is None or clock.stopped_at or stands.resumes_at > at:
        return clock
    return _run_again(clock, _own_move(clock, DeadlineCause.RESUMED, stands.resumes_at), schedule)


def extend(
    clock: RunningClock, working_days: int, asked: Asked, schedule: Schedule
) -> RunningClock:
    """Give it so many working days more; the same words again change nothing.

    Raises:
        OutOfOrderError: it has ended, stands still, is late, or was extended as much as one may.
    """
    move = replace(_move(clock, DeadlineCause.EXTENDED, asked), working_days=working_days)
    if any(_says_the_same(earlier, move) for earlier in clock.moves):
        return clock
    limits = _movable(clock, asked)
    if clock.pause is not None:
        raise OutOfOrderError("期限中止期间不能延期,请先恢复 (it stands still: resume it first)")
    if limits:
        _within(clock, working_days, limits)
    return _moved(clock, move, schedule)


def recompute(clock: RunningClock, at: datetime, schedule: Schedule) -> RunningClock:
    """Compute a provisional deadline again, once its year's notice is known."""
    if clock.awaits_year not in schedule.calendar.years or not clock.runs:
        return clock
    return _moved(clock, _own_move(clock, DeadlineCause.RECOMPUTED, at), schedule)


def _run_again(clock: RunningClock, move: ClockMove, schedule: Schedule) -> RunningClock:
    since = clock.moves[-1].at
    stood = schedule.calendar.working_days_between(day_of(since), day_of(move.at))
    return _moved(clock, replace(move, working_days=stood), schedule)


def _moved(clock: RunningClock, move: ClockMove, schedule: Schedule) -> RunningClock:
    moved = reckoned(clock, at=move.at, schedule=schedule, more=move.working_days)
    told = replace(move, was_due_on=clock.due_on, due_on=moved.due_on)
    return replace(moved, moves=(*clock.moves, told))


def _movable(clock: RunningClock, asked: Asked) -> Limits | None:
    _still_open(clock)
    if asked.limits is not None and clock.due_at <= asked.at:
        raise OutOfOrderError(
            "已逾期,只能由监督部门延期或中止 (overdue: only oversight may still move it)"
        )
    return asked.limits


def _still_open(clock: RunningClock) -> None:
    if clock.stopped_at is not None:
        raise OutOfOrderError("该期限已终止 (this deadline has ended)")


def _within(clock: RunningClock, working_days: int, limits: Limits) -> None:
    if _count(clock, DeadlineCause.EXTENDED) >= limits.extensions:
        raise OutOfOrderError(f"最多延期 {limits.extensions} 次 (extended as often as is allowed)")
    earlier = sum(move.working_days for move in clock.moves if move.cause is DeadlineCause.EXTENDED)
    longest = limits.extension_working_days
    if earlier + working_days > longest:
        raise OutOfOrderError(
            f"延期合计不超过 {longest} 个工作日 (at most {longest} working days in all)"
        )


def _count(clock: RunningClock, cause: DeadlineCause) -> int:
    return sum(move.cause is cause for move in clock.moves)


def _is(clock: RunningClock, cause: DeadlineCause) -> bool:
    return clock.moves[-1].cause is cause


def _move(clock: RunningClock, cause: DeadlineCause, asked: Asked) -> ClockMove:
    return replace(
        _own_move(clock, cause, asked.at),
        organisation=asked.organisation,
        by=asked.by,
        reason=asked.reason,
        ground=asked.ground,
    )


def _own_move(clock: RunningClock, cause: DeadlineCause, at: datetime) -> ClockMove:
    return ClockMove(cause=cause, at=at, was_due_on=clock.due_on, due_on=clock.due_on)


def _says_the_same(one: ClockMove, other: ClockMove) -> bool:
    return replace(one, at=other.at, was_due_on=other.was_due_on, due_on=other.due_on) == other

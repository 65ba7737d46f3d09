"""Deadlines that run on a push, or on a result that went back: 预警, 催办, 督办."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import IntEnum
from typing import Self

from linkage_contracts.codes import Clock, DeadlineCause
from linkage_contracts.notices import ClockNotice


class Level(IntEnum):
    """How far a clock has gone; each level is told once."""

    QUIET = 0
    WARNED = 1
    OVERDUE = 2
    ESCALATED = 3
    ESCALATED_AGAIN = 4
    """To the second level, where the configuration has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockMove:
    """Why a deadline is not what it was (中止, 恢复, 延期, 重新计算), and on whose word."""

    cause: DeadlineCause
    at: datetime
    was_due_on: date
    due_on: date
    organisation: str | None = None
    """Whose word it was; ``None``: it came about by itself."""
    by: str | None = None
    reason: str | None = None
    ground: str | None = None
    working_days: int = 0
    """By how many the term became longer."""
    resumes_at: datetime | None = None
    """Of a pause: when the clock runs again by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningClock:
    """One deadline: when each of its levels falls due, and how far it was told."""

    clock: Clock
    started_at: datetime
    counts_from: date
    """The day after which working days are counted: of the start, or one that was named."""
    working_days: int
    due_on: date
    due_at: datetime
    warn_at: datetime
    escalate_at: datetime
    escalate_again_at: datetime | None = None
    awaits_year: int | None = None
    """The first year that it was computed for without its holiday notice."""
    lapses: bool = False
    """At its end nothing is overdue: policy then deems the duty done (explicit_then_deemed)."""
    level: Level = Level.QUIET
    stopped_at: datetime | None = None
    moves: tuple[ClockMove, ...] = ()

    @property
    def provisional(self) -> bool:
        """It is computed again when the year's notice is loaded."""
        return self.awaits_year is not None

    @property
    def pause(self) -> ClockMove | None:
        """The pause during which it stands still."""
        last = self.moves[-1] if self.moves else None
        return last if last and last.cause is DeadlineCause.PAUSED else None

    @property
    def runs(self) -> bool:
        """Neither stopped nor standing still."""
        return self.stopped_at is None and self.pause is None

    @property
    def next_at(self) -> datetime | None:
        """The earliest instant at which there is something more to tell; ``None`` if never."""
        if not self.runs:
            return None
        moments = (moment for level, moment in self._moments() if level > self.level)
        return min(moments, default=None)

    def due_levels(self, at: datetime) -> tuple[Level, ...]:
        """The levels to be told at ``at``, lowest first.

        A warning of what has already happened is left out; overdue and escalated are both told.
        """
        if not self.runs:
            return ()
        due = [level for level, moment in self._moments() if self.level < level and moment <= at]
        too_late_to_warn = self.due_at <= at
        return tuple(level for level in due if level is not Level.WARNED or not too_late_to_warn)

    def told(self, at: datetime) -> Self:
        """The clock after all that is due at ``at`` was told; if it does not run, nothing is."""
        return replace(self, level=max(self.level, self.reached(at))) if self.runs else self

    def moment_of(self, level: Level) -> datetime:
        """When a level falls due."""
        return dict(self._moments())[level]

    def reached(self, at: datetime) -> Level:
        """How far it has gone by its days alone."""
        return max((one for one, moment in self._moments() if moment <= at), default=Level.QUIET)

    def stopped(self, at: datetime) -> Self:
        """The duty was done, or is owed no more; a second stop changes nothing."""
        return self if self.stopped_at is not None else replace(self, stopped_at=at)

    @property
    def notice(self) -> ClockNotice:
        """As its organisation is told of it."""
        return ClockNotice(clock=self.clock, due_on=self.due_on, provisional=self.provisional)

    def _moments(self) -> tuple[tuple[Level, datetime], ...]:
        warning = (Level.WARNED, self.warn_at)
        if self.lapses:
            return (warning,)
        late = (warning, (Level.OVERDUE, self.due_at), (Level.ESCALATED, self.escalate_at))
        if self.escalate_again_at is None:
            return late
        return (*late, (Level.ESCALATED_AGAIN, self.escalate_again_at))


def next_firing(clocks: Iterable[RunningClock]) -> datetime | None:
    """The earliest instant at which any of these has something to tell."""
    return min((at for clock in clocks if (at := clock.next_at) is not None), default=None)


def deem_at(clocks: Iterable[RunningClock]) -> datetime | None:
    """When policy deems the receipt given, for want of a signature (explicit_then_deemed)."""
    return min((clock.due_at for clock in clocks if clock.lapses and clock.runs), default=None)


def highest_level(clocks: Iterable[RunningClock]) -> Level:
    """How far the worst of these has gone."""
    return max((clock.level for clock in clocks), default=Level.QUIET)

"""Move deadlines (中止, 恢复, 延期): by who owes within limits, or by its oversight."""

from collections.abc import Sequence
from dataclasses import dataclass

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import Clock, DeadlineCause
from supervision_push.application.act_on_pushes import Actor, Outcome, Refusal, Refused
from supervision_push.application.clock_ports import ClockBook, Moved, Subject
from supervision_push.application.deadline_announcements import moved
from supervision_push.application.ports import Catalogues
from supervision_push.domain.clocks import RunningClock
from supervision_push.domain.escalation import oversees
from supervision_push.domain.moves import Asked, Limits, extend, pause, resume
from supervision_push.domain.push import OutOfOrderError
from supervision_push.domain.terms import Schedule

_UNKNOWN = "没有此记录,或尚未到达,请稍后再试 (not known, or it has not arrived yet: try again)"
_NO_CLOCK = "没有此期限 (it has no such deadline)"
_FOREIGN = "只能由本单位或其监督部门办理 (only who owes it, or its oversight, may do this)"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveDeadlines:
    """One clock of each of these; ``working_days`` is how long a pause lasts or an extension is."""

    keys: Sequence[str]
    clock: Clock
    cause: DeadlineCause
    working_days: int = 0
    by: str
    reason: str
    ground: str | None = None


async def move_deadlines(
    command: MoveDeadlines,
    *,
    actor: Actor,
    clocks: ClockBook,
    catalogues: Catalogues,
    schedule: Schedule,
    limits: Limits,
) -> Outcome:
    """Move each; those that somebody else moved meanwhile are looked at again."""
    catalogue = await catalogues.in_force()
    desk = _Desk(command, actor, catalogue, schedule, limits)
    wanted, outcome = tuple(dict.fromkeys(command.keys)), Outcome()
    while wanted:
        found = await clocks.find(wanted)
        verdicts = [desk.verdict(key, found.get(key)) for key in wanted]
        steps = [verdict for verdict in verdicts if isinstance(verdict, Moved)]
        clean = (await clocks.save(steps) if steps else 0) == len(steps)
        refused = tuple(verdict for verdict in verdicts if isinstance(verdict, Refused))
        done = tuple(verdict for verdict in verdicts if isinstance(verdict, str))
        moved_now = tuple(step.subject.key for step in steps)
        wanted = () if clean else moved_now
        outcome = outcome.and_(Outcome(done=done + (moved_now if clean else ()), refused=refused))
    await clocks.flush(outcome.done)
    return outcome


@dataclass(frozen=True, slots=True)
class _Desk:
    command: MoveDeadlines
    actor: Actor
    catalogue: Catalogue
    schedule: Schedule
    limits: Limits

    def verdict(self, key: str, subject: Subject | None) -> Moved | Refused | str:
        """What to write, a refusal, or the key of what is done already."""
        if subject is None:
            return Refused(id=key, why=Refusal.UNKNOWN, detail=_UNKNOWN)
        own = subject.organisation == self.actor.organisation
        if not own and not oversees(self.catalogue, self.actor.organisation, subject.organisation):
            return Refused(id=key, why=Refusal.FOREIGN, detail=_FOREIGN)
        before = next((one for one in subject.clocks if one.clock is self.command.clock), None)
        if before is None:
            return Refused(id=key, why=Refusal.OUT_OF_ORDER, detail=_NO_CLOCK)
        try:
            after = self._act(before, self.limits if own else None)
        except OutOfOrderError as error:
            return Refused(id=key, why=Refusal.OUT_OF_ORDER, detail=str(error))
        if after is before:
            return key
        clocks = [after if clock is before else clock for clock in subject.clocks]
        return moved(subject, clocks, self.actor.at)

    def _act(self, clock: RunningClock, limits: Limits | None) -> RunningClock:
        command = self.command
        asked = Asked(
            at=self.actor.at,
            organisation=self.actor.organisation,
            by=command.by,
            reason=command.reason,
            ground=command.ground,
            limits=limits,
        )
        match command.cause:
            case DeadlineCause.PAUSED:
                return pause(clock, command.working_days, asked, self.schedule)
            case DeadlineCause.RESUMED:
                return resume(clock, asked, self.schedule)
            case DeadlineCause.EXTENDED:
                return extend(clock, command.working_days, asked, self.schedule)
            case DeadlineCause.RECOMPUTED:
                msg = "nobody asks for it: the calendar does"
                raise ValueError(msg)

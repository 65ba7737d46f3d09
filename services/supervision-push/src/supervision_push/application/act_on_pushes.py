"""One act of an organisation on many of its pushes: each is done or refused, none costs another."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from linkage_runtime.batched import batched
from supervision_push.application.announcements import Telling
from supervision_push.application.ports import PushLedger, Step
from supervision_push.application.step_announcements import changes
from supervision_push.domain.push import OutOfOrderError, Push


class Refusal(StrEnum):
    """Why one of many was not done."""

    UNKNOWN = "unknown"
    FOREIGN = "foreign"
    OUT_OF_ORDER = "out_of_order"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """One that was not done; ``detail`` is for the clerk."""

    id: str
    why: Refusal
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of each; a repeated act counts as done."""

    done: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()
    changed: tuple[tuple[Push, Push], ...] = ()
    """Before and after, of those that this act moved."""
    opened: int = 0
    """Pushes that a claim or a reroute opened."""

    def and_(self, other: "Outcome") -> "Outcome":
        """Both together, each id once."""
        return Outcome(
            done=tuple(dict.fromkeys(self.done + other.done)),
            refused=self.refused + other.refused,
            changed=self.changed + other.changed,
            opened=self.opened + other.opened,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The organisation whose key it is, and when."""

    organisation: str
    at: datetime


UNKNOWN = "没有此推送,或尚未到达,请稍后再试 (no such push, or it has not arrived yet: try again)"
FOREIGN = "只能办理推送给本单位的事项 (this push is another organisation's)"


_AT_ONCE = 50
"""Acted on and told together. Of a thousand at once the first would wait until the last is stored,
and a sweep take its event for left behind."""


async def act_and_tell(
    push_ids: Iterable[str], act: Callable[[Push], Push], *, actor: Actor, pushes: PushLedger
) -> Outcome:
    """Take one step on each push, and tell what became of it; see ``act_on_pushes``."""
    outcome = Outcome()
    for some in batched(dict.fromkeys(push_ids), _AT_ONCE):
        taken = await act_on_pushes(some, act, actor=actor, pushes=pushes)
        await pushes.flush(taken.done)
        outcome = outcome.and_(taken)
    return outcome


async def act_on_pushes(
    push_ids: Iterable[str], act: Callable[[Push], Push], *, actor: Actor, pushes: PushLedger
) -> Outcome:
    """Take one step on each push; those that somebody else moved meanwhile are looked at again.

    The steps are durable on return, and hold what is to be told of them; ``pushes.flush`` tells it.
    """
    wanted = tuple(dict.fromkeys(push_ids))
    outcome = Outcome()
    while wanted:
        found = await pushes.find(wanted)
        verdicts = [_verdict(push_id, found.get(push_id), act, actor) for push_id in wanted]
        steps = [verdict for verdict in verdicts if isinstance(verdict, Step)]
        saved = await pushes.save(steps) if steps else 0
        clean = saved == len(steps)
        outcome = outcome.and_(_outcome(verdicts, steps if clean else ()))
        wanted = () if clean else tuple(step.after.push_id for step in steps)
    return outcome


def _verdict(
    push_id: str, push: Push | None, act: Callable[[Push], Push], actor: Actor
) -> Step | Refused | str:
    """A step to take, a refusal, or the id of what is done already."""
    if push is None:
        return Refused(id=push_id, why=Refusal.UNKNOWN, detail=UNKNOWN)
    if push.recipient != actor.organisation:
        return Refused(id=push_id, why=Refusal.FOREIGN, detail=FOREIGN)
    try:
        after = act(push)
    except OutOfOrderError as error:
        return Refused(id=push_id, why=Refusal.OUT_OF_ORDER, detail=str(error))
    if after is push:
        return push_id
    telling = Telling(emitter=actor.organisation, at=actor.at)
    return Step(before=push, after=after, letters=tuple(changes(push, after, telling)))


def _outcome(verdicts: Sequence[Step | Refused | str], taken: Sequence[Step]) -> Outcome:
    return Outcome(
        done=tuple(verdict for verdict in verdicts if isinstance(verdict, str))
        + tuple(step.after.push_id for step in taken),
        refused=tuple(verdict for verdict in verdicts if isinstance(verdict, Refused)),
        changed=tuple((step.before, step.after) for step in taken),
    )

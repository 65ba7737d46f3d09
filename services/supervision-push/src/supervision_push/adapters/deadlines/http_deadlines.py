"""``/v1/pushes/{id}/clocks/{clock}:extend`` and so on: deadlines are moved, with a reason."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Protocol

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from linkage_contracts.codes import Clock, DeadlineCause
from linkage_contracts.ids import Id
from linkage_runtime.access import Caller, Scope
from linkage_runtime.faults import Fault
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.problems import ProblemError
from supervision_push.adapters.pushes.http_outcomes import actor_of, answer_many, answer_one
from supervision_push.adapters.pushes.http_push_models import (
    Acted,
    ActedOnOne,
    Body,
    Clerk,
    Ids,
    Text,
)
from supervision_push.application.act_on_pushes import Actor, Outcome
from supervision_push.application.move_deadlines import MoveDeadlines
from supervision_push.domain.moves import Limits

Moving = Annotated[
    Caller, Depends(caller_with(Scope.ACT_ON_PUSHES, Scope.ACT_ON_RESULTS, Scope.OVERSEE))
]
_A_YEAR: Final = 250
"""Working days."""
_DAYS_MISSING = Fault(
    pointer="/working_days",
    rule="missing",
    zh="延期须写明工作日数",
    en="an extension names its working days",
    remedy_zh="请填写 working_days",
    remedy_en="give working_days",
)


class Moves(Protocol):
    """The use case with all but command and actor bound."""

    async def __call__(self, command: MoveDeadlines, *, actor: Actor) -> Outcome:
        """See ``move_deadlines``."""


class Verb(StrEnum):
    """What is done to a deadline: 中止, 恢复, 延期."""

    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"


_CAUSE = {
    Verb.PAUSE: DeadlineCause.PAUSED,
    Verb.RESUME: DeadlineCause.RESUMED,
    Verb.EXTEND: DeadlineCause.EXTENDED,
}


class MoveBody(Body):
    """Who moves it, and why."""

    by: Clerk
    reason: Text
    ground: Text | None = None
    """The rule that it rests on."""
    working_days: Annotated[int | None, Field(ge=1, le=_A_YEAR)] = None
    """By how much it is extended; how long it stands still at most, else as long as one may."""


class MoveMany(MoveBody):
    """The same clock of many."""

    ids: Ids
    clock: Clock


def deadlines_router(
    of: str, moves: Moves, limits: Limits, now: Callable[[], datetime]
) -> APIRouter:
    """Routes of one kind: pushes, results or supplements."""
    router = APIRouter(prefix=f"/v1/{of}", tags=["deadlines 期限"])

    async def move(
        caller: Caller, verb: Verb, ids: list[str], which: Clock, body: MoveBody
    ) -> Outcome:
        if verb is Verb.EXTEND and body.working_days is None:
            raise ProblemError(422, _DAYS_MISSING.zh, faults=(_DAYS_MISSING,))
        command = MoveDeadlines(
            keys=ids,
            clock=which,
            cause=_CAUSE[verb],
            working_days=body.working_days or limits.pause_working_days,
            by=body.by,
            reason=body.reason,
            ground=body.ground,
        )
        return await moves(command, actor=actor_of(caller, now))

    @router.post("/{id}/clocks/{clock}:{verb}", summary="中止、恢复、延期 Move a deadline")
    async def move_one(
        id: Id,  # noqa: A002 -- the name in the path
        clock: Clock,
        verb: Verb,
        body: MoveBody,
        caller: Moving,
    ) -> ActedOnOne:
        return answer_one(await move(caller, verb, [id], clock, body))

    @router.post("/clocks:{verb}", summary="批量中止、恢复、延期 Move the same deadline of many")
    async def move_many(verb: Verb, body: MoveMany, caller: Moving, response: Response) -> Acted:
        return answer_many(await move(caller, verb, body.ids, body.clock, body), response)

    return router

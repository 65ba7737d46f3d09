"""``/v1/pushes``: what an authority has to do (待办), and its acts on many; see ``http_push``."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from linkage_runtime.access import Caller, Scope
from linkage_runtime.http.access import caller_with, require_organisation
from linkage_runtime.http.problems import RETRY_AFTER_SECONDS, ProblemError
from supervision_push.adapters.pushes.http_outcomes import actor_of, answer_many
from supervision_push.adapters.pushes.http_push_models import (
    MAX_PAGE,
    Acted,
    ClaimBody,
    EnrolBody,
    FeedBackBody,
    ReceiveBody,
    ReturnBody,
)
from supervision_push.adapters.pushes.push_views import PushViews
from supervision_push.application.act_by_sheet import SheetActs
from supervision_push.application.act_on_pushes import Actor, Outcome
from supervision_push.application.claim_pool import ClaimPool
from supervision_push.application.enrol_parties import EnrolParties
from supervision_push.application.feed_back import DutyDone, FeedBack
from supervision_push.application.record_receipts import RecordReceipts
from supervision_push.application.return_pushes import Reason, ReturnPushes
from supervision_push.domain.steps import PushState

Acting = Annotated[Caller, Depends(caller_with(Scope.ACT_ON_PUSHES))]
Reading = Annotated[
    Caller, Depends(caller_with(Scope.ACT_ON_PUSHES, Scope.READ_FEED, Scope.OVERSEE))
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PushActs:
    """The use cases behind the acts, with everything but command and actor bound."""

    receive: Callable[[RecordReceipts, Actor], Awaitable[Outcome]]
    return_: Callable[[ReturnPushes, Actor], Awaitable[Outcome]]
    enrol: Callable[[EnrolParties, Actor], Awaitable[Outcome]]
    feed_back: Callable[[FeedBack, Actor], Awaitable[Outcome]]
    claim: Callable[[ClaimPool, Actor], Awaitable[Outcome]]

    @property
    def of_sheets(self) -> SheetActs:
        """Those that a row of the 待办 sheet may ask for."""
        return SheetActs(
            receive=self.receive,
            return_=self.return_,
            enrol=self.enrol,
            feed_back=self.feed_back,
        )


def acts_router(acts: PushActs, clock: Callable[[], datetime]) -> APIRouter:
    """Each act answers 200 with what was done and what was refused, one by one."""
    router = APIRouter(tags=["acts 办理"])

    @router.post("/v1/pushes:receive", summary="签收 Receive pushes")
    async def receive(body: ReceiveBody, caller: Acting, response: Response) -> Acted:
        command = RecordReceipts(push_ids=body.push_ids, by=body.by)
        return answer_many(await acts.receive(command, actor_of(caller, clock)), response)

    @router.post("/v1/pushes:return", summary="退回 Return pushes")
    async def return_(body: ReturnBody, caller: Acting, response: Response) -> Acted:
        reason = Reason(text=body.reason, suggested=body.suggested)
        command = ReturnPushes(reasons=dict.fromkeys(body.push_ids, reason), by=body.by)
        return answer_many(await acts.return_(command, actor_of(caller, clock)), response)

    @router.post("/v1/pushes:enrol", summary="纳入监管 Enrol parties")
    async def enrol(body: EnrolBody, caller: Acting, response: Response) -> Acted:
        command = EnrolParties(notes=dict.fromkeys(body.push_ids, body.note), by=body.by)
        return answer_many(await acts.enrol(command, actor_of(caller, clock)), response)

    @router.post("/v1/pushes:feed-back", summary="反馈 Feed back on duties")
    async def feed_back(body: FeedBackBody, caller: Acting, response: Response) -> Acted:
        duties = [DutyDone(**one.model_dump()) for one in body.feedback]
        command = FeedBack(duties=duties, by=body.by)
        return answer_many(await acts.feed_back(command, actor_of(caller, clock)), response)

    @router.post("/v1/pool:claim", summary="认领 Claim what waits in the pool")
    async def claim(body: ClaimBody, caller: Acting, response: Response) -> Acted:
        command = ClaimPool(pool_ids=body.pool_ids, by=body.by, reason=body.reason)
        return answer_many(await acts.claim(command, actor_of(caller, clock)), response)

    return router


def views_router(views: PushViews) -> APIRouter:
    """What an organisation sees of its own; oversight sees all."""
    router = APIRouter(tags=["pushes 推送"])

    @router.get("/v1/pushes", summary="待办 Pushes to an organisation, oldest first")
    async def pushes(
        caller: Reading,
        organisation: str | None = None,
        state: PushState | None = None,
        after: str | None = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    ) -> dict[str, Any]:
        whose = organisation or caller.organisation
        require_organisation(caller, whose)
        return await views.pushes(whose, state=state, after=after, limit=limit)

    @router.get("/v1/pushes/{push_id}", summary="One push with its decision")
    async def push(push_id: str, caller: Reading) -> dict[str, Any]:
        found = await views.push(push_id)
        if found is None:
            raise ProblemError(
                404,
                "没有此推送,或尚未到达 (no such push, or it has not arrived yet)",
                headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
            )
        if found["authority"] != caller.organisation:
            require_organisation(caller, found["recipient"])
        return found

    return router


def overview_router(views: PushViews) -> APIRouter:
    """What waits to be claimed, and how much was done."""
    router = APIRouter(tags=["overview 总览"])

    @router.get("/v1/pool", summary="待认领 What waits for a claim in one's region")
    async def pool(
        caller: Reading,
        after: str | None = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    ) -> dict[str, Any]:
        whose = None if caller.may(Scope.OVERSEE) else caller.organisation
        return await views.pool(whose, after=after, limit=limit)

    @router.get("/v1/summary", summary="Counts by organisation")
    async def summary(caller: Reading) -> dict[str, Any]:
        return await views.summary(None if caller.may(Scope.OVERSEE) else caller.organisation)

    return router

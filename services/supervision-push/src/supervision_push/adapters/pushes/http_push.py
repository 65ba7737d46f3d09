"""``/v1/pushes/{id}:receive`` and so on: the acts on one push, done or refused as a problem."""

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter

from linkage_contracts.ids import Id
from supervision_push.adapters.pushes.http_outcomes import actor_of, answer_one
from supervision_push.adapters.pushes.http_push_models import (
    ActedOnOne,
    ClaimOne,
    EnrolOne,
    FeedBackOne,
    ReceiveOne,
    ReturnOne,
)
from supervision_push.adapters.pushes.http_pushes import Acting, PushActs
from supervision_push.application.claim_pool import ClaimPool
from supervision_push.application.enrol_parties import EnrolParties
from supervision_push.application.feed_back import DutyDone, FeedBack
from supervision_push.application.record_receipts import RecordReceipts
from supervision_push.application.return_pushes import Reason, ReturnPushes


def one_push_router(acts: PushActs, now: Callable[[], datetime]) -> APIRouter:
    """The same acts as on many; a repeated one is done."""
    router = APIRouter(tags=["acts 办理"])

    @router.post("/v1/pushes/{push_id}:receive", summary="签收 Receive one push")
    async def receive(push_id: Id, body: ReceiveOne, caller: Acting) -> ActedOnOne:
        command = RecordReceipts(push_ids=[push_id], **body.model_dump())
        return answer_one(await acts.receive(command, actor_of(caller, now)))

    @router.post("/v1/pushes/{push_id}:return", summary="退回 Return one push")
    async def return_(push_id: Id, body: ReturnOne, caller: Acting) -> ActedOnOne:
        reason = Reason(text=body.reason, suggested=body.suggested)
        command = ReturnPushes(reasons={push_id: reason}, by=body.by)
        return answer_one(await acts.return_(command, actor_of(caller, now)))

    @router.post("/v1/pushes/{push_id}:enrol", summary="纳入监管 Enrol one party")
    async def enrol(push_id: Id, body: EnrolOne, caller: Acting) -> ActedOnOne:
        command = EnrolParties(notes={push_id: body.note}, by=body.by)
        return answer_one(await acts.enrol(command, actor_of(caller, now)))

    @router.post("/v1/pushes/{push_id}:feed-back", summary="反馈 Feed back on one duty")
    async def feed_back(push_id: Id, body: FeedBackOne, caller: Acting) -> ActedOnOne:
        duty = DutyDone(push_id=push_id, **body.model_dump(exclude={"by"}))
        command = FeedBack(duties=[duty], by=body.by)
        return answer_one(await acts.feed_back(command, actor_of(caller, now)))

    @router.post("/v1/pool/{pool_id}:claim", summary="认领 Claim one entry of the pool")
    async def claim(pool_id: Id, body: ClaimOne, caller: Acting) -> ActedOnOne:
        command = ClaimPool(pool_ids=[pool_id], **body.model_dump())
        return answer_one(await acts.claim(command, actor_of(caller, now)))

    return router

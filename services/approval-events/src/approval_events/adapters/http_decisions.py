"""Decisions and acts over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from approval_events.adapters.http_bodies import json_body, many_rows, model_of, one_row
from approval_events.adapters.http_views import (
    RETRY_AFTER,
    batch_view,
    json_response,
    one_answer,
)
from approval_events.application.accept_decisions import AcceptDecisions
from approval_events.application.answers import Answer, Emitter
from approval_events.application.record_act import DecisionUnknownError, RecordAct
from approval_events.domain.submission import ActSubmission, Submission
from linkage_contracts.ids import Id
from linkage_runtime.access import Caller, Scope
from linkage_runtime.clock import now
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.description import ALREADY_KNOWN
from linkage_runtime.http.problems import ProblemError

Emitting = Annotated[Caller, Depends(caller_with(Scope.EMIT_DECISIONS))]


def decisions_router(
    accept: Callable[[AcceptDecisions], Awaitable[list[Answer]]],
    act: Callable[[RecordAct], Awaitable[Answer]],
) -> APIRouter:
    """Routes under ``/v1/decisions``."""
    router = APIRouter(tags=["许可决定 decisions"])

    @router.post(
        "/v1/decisions",
        status_code=202,
        responses=ALREADY_KNOWN,
        openapi_extra=json_body(Submission),
    )
    async def post_decision(request: Request, caller: Emitting) -> Response:
        """Send one decision: 202 accepted, 200 already known, 409 another content stands."""
        rows = [one_row(await request.body())]
        answers = await accept(AcceptDecisions(rows=rows, emitter=_emitter(caller), at=now()))
        return one_answer(answers[0])

    @router.post("/v1/decisions:batch", openapi_extra=json_body(Submission, many=True))
    async def post_decisions(request: Request, caller: Emitting) -> Response:
        """Send up to 5,000; each row has its own outcome, and a bad one costs no good one."""
        content_type = request.headers.get("Content-Type", "")
        rows = await many_rows(await request.body(), content_type)
        answers = await accept(AcceptDecisions(rows=rows, emitter=_emitter(caller), at=now()))
        return json_response(batch_view(answers))

    @router.post(
        "/v1/decisions/{decision_id}/acts",
        status_code=202,
        responses=ALREADY_KNOWN,
        openapi_extra=json_body(ActSubmission),
    )
    async def post_act(decision_id: Id, request: Request, caller: Emitting) -> Response:
        """Amend, renew, withdraw, annul or deregister a known decision."""
        submission = model_of(ActSubmission, await request.body())
        command = RecordAct(
            decision_id=decision_id, act=submission, emitter=_emitter(caller), at=now()
        )
        try:
            return one_answer(await act(command))
        except DecisionUnknownError as error:
            raise ProblemError(404, str(error), headers=RETRY_AFTER) from error

    return router


def _emitter(caller: Caller) -> Emitter:
    return Emitter(organisation=caller.organisation, authorities=caller.authorities)

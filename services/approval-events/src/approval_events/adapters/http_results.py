"""What the bureau does about results that came back, over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from approval_events.adapters.http_views import acts_response
from approval_events.application.acts import Actor, Acts
from approval_events.application.receive_results import ReceiveResults
from approval_events.application.report_actions import ReportActions, ReportLine
from approval_events.application.return_results import ReturnResults
from approval_events.domain.text import Clerk, OptionalNumber, Prose
from linkage_contracts.codes import ActionOutcome
from linkage_contracts.ids import Id
from linkage_runtime.access import Caller, Scope
from linkage_runtime.clock import now
from linkage_runtime.http.access import caller_with

Acting = Annotated[Caller, Depends(caller_with(Scope.ACT_ON_RESULTS))]
MOST_RESULTS = 1_000
ResultIds = Annotated[list[Id], Field(min_length=1, max_length=MOST_RESULTS)]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Clerk


class Receiving(_Body):
    """Sign for results; ``by`` is the clerk's account or staff number."""

    result_ids: ResultIds


class Returning(_Body):
    """Return results."""

    result_ids: ResultIds
    reason: Prose


class ReportSent(BaseModel):
    """What was done about one result."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    result_id: Id
    outcome: ActionOutcome
    note: Prose
    act_document_number: OptionalNumber = None


class Reporting(_Body):
    """Reports on results."""

    reports: Annotated[list[ReportSent], Field(min_length=1, max_length=MOST_RESULTS)]


def results_router(
    receive: Callable[[ReceiveResults], Awaitable[Acts]],
    give_back: Callable[[ReturnResults], Awaitable[Acts]],
    report: Callable[[ReportActions], Awaitable[Acts]],
) -> APIRouter:
    """Routes under ``/v1/results``."""
    router = APIRouter(tags=["监管结果 results"])

    @router.post("/v1/results:receive")
    async def receive_results(body: Receiving, caller: Acting) -> Response:
        """Sign for results (签收): each id is done, or refused with its reason."""
        command = ReceiveResults(
            result_ids=body.result_ids, by=body.by, actor=_actor(caller), at=now()
        )
        return acts_response(await receive(command))

    @router.post("/v1/results:return")
    async def return_results(body: Returning, caller: Acting) -> Response:
        """Return results (退回)."""
        command = ReturnResults(
            result_ids=body.result_ids,
            by=body.by,
            reason=body.reason,
            actor=_actor(caller),
            at=now(),
        )
        return acts_response(await give_back(command))

    @router.post("/v1/results:report")
    async def report_actions(body: Reporting, caller: Acting) -> Response:
        """Report what was done about results (处置反馈)."""
        lines = [ReportLine(**sent.model_dump()) for sent in body.reports]
        command = ReportActions(reports=lines, by=body.by, actor=_actor(caller), at=now())
        return acts_response(await report(command))

    return router


def _actor(caller: Caller) -> Actor:
    return Actor(organisation=caller.organisation, authorities=caller.authorities)

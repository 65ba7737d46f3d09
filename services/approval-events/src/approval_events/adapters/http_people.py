"""Personal data over HTTP: opened one by one, for a reason, on record; or erased for ever."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict

from approval_events.adapters.http_views import RETRY_AFTER, json_response
from approval_events.application.erase_person import ErasePerson
from approval_events.application.open_party import NoSuchDecisionError, OpenedParty, OpenParty
from approval_events.domain.text import Prose
from linkage_contracts.ids import Id
from linkage_runtime.access import Caller, Scope
from linkage_runtime.clock import now
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.problems import ProblemError
from linkage_runtime.personal_data import ErasedPersonError

Opening = Annotated[Caller, Depends(caller_with(Scope.OPEN_PERSONAL_DATA))]
Administering = Annotated[Caller, Depends(caller_with(Scope.ADMINISTER))]
PersonKey = Annotated[str, Path(pattern=r"^person:[0-9a-f]{32}$")]


class Reason(BaseModel):
    """Why personal data is opened; kept with who and when."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Prose


def people_router(
    open_: Callable[[OpenParty], Awaitable[OpenedParty]],
    erase: Callable[[ErasePerson], Awaitable[bool]],
) -> APIRouter:
    """Routes about natural persons."""
    router = APIRouter(tags=["个人信息 personal data"])

    @router.post("/v1/decisions/{decision_id}/party:open")
    async def open_party(decision_id: Id, body: Reason, caller: Opening) -> Response:
        """A decision's party in full."""
        command = OpenParty(
            decision_id=decision_id,
            organisation=caller.organisation,
            authorities=caller.authorities,
            key_id=caller.key_id,
            reason=body.reason,
            at=now(),
        )
        try:
            opened = await open_(command)
        except NoSuchDecisionError as error:
            raise ProblemError(404, str(error), headers=RETRY_AFTER) from error
        except ErasedPersonError as error:
            raise ProblemError(410, str(error)) from error
        return json_response(asdict(opened), headers={"Cache-Control": "no-store"})

    @router.delete("/v1/persons/{person}", status_code=204)
    async def erase_person(person: PersonKey, caller: Administering) -> Response:
        """Delete a person's key: what it sealed can never be read again."""
        command = ErasePerson(
            person=person, organisation=caller.organisation, key_id=caller.key_id, at=now()
        )
        if not await erase(command):
            raise ProblemError(404, "没有此人,或已删除 (no such person, or erased already)")
        return Response(status_code=204)

    return router

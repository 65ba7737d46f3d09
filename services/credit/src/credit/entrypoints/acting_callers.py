"""Who calls for an act on credit facts, and how it is answered."""

from typing import Annotated

from fastapi import Depends, Response

from credit.application.acting import (
    Actor,
    ActRefusedError,
    DoneAlreadyError,
    NotKnownError,
    NotYoursError,
)
from credit.bootstrap_acts import Acting
from credit.entrypoints.act_requests import ActAnswer
from linkage_runtime.access import Caller, Scope
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.problems import ProblemError

ANY_CALLER = caller_with(Scope.ACT_ON_CREDIT, Scope.REPAIR_CREDIT)


def _actor(caller: Annotated[Caller, Depends(ANY_CALLER)]) -> Actor:
    return Actor(
        organisation=caller.organisation,
        is_credit_office=caller.may(Scope.REPAIR_CREDIT),
        authorities=caller.authorities,
    )


By = Annotated[Actor, Depends(_actor)]


async def done(acting: Acting, command: object, response: Response) -> ActAnswer:
    """Take the act, and answer once it is on the log."""
    try:
        recorded = await acting(command)
    except ActRefusedError as error:
        raise _refused(error) from error
    response.status_code = 202 if recorded.is_new else 200
    return ActAnswer(status="accepted" if recorded.is_new else "known", event_id=recorded.event_id)


def _refused(error: ActRefusedError) -> ProblemError:
    match error:
        case NotKnownError():
            # The worker may not have read it yet.
            return ProblemError(404, str(error), headers={"Retry-After": "5"}, facts=error.facts)
        case NotYoursError():
            return ProblemError(403, str(error), facts=error.facts)
        case DoneAlreadyError():
            return ProblemError(409, str(error), facts=error.facts)
        case _:
            return ProblemError(422, str(error), facts=error.facts)

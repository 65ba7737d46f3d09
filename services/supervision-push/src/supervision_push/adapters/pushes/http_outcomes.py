"""How the outcome of an act is answered: of one as success or a problem, of many one by one."""

from collections.abc import Callable
from datetime import datetime

from fastapi import Response

from linkage_runtime.access import Caller
from linkage_runtime.http.problems import RETRY_AFTER_SECONDS, ProblemError, problem
from supervision_push.adapters.pushes.http_push_models import Acted, ActedOnOne, RefusedOne
from supervision_push.application.act_on_pushes import Actor, Outcome, Refusal

_STATUS = {
    Refusal.UNKNOWN: 404,
    Refusal.FOREIGN: 403,
    Refusal.OUT_OF_ORDER: 409,
    Refusal.TAKEN: 409,
}
_TRY_AGAIN = {"Retry-After": str(RETRY_AFTER_SECONDS)}


def actor_of(caller: Caller, clock: Callable[[], datetime]) -> Actor:
    """The organisation behind the key, now."""
    return Actor(organisation=caller.organisation, at=clock())


def answer_many(outcome: Outcome, response: Response) -> Acted:
    """200 with what was done and what was refused; what is unknown may arrive yet."""
    if any(one.why is Refusal.UNKNOWN for one in outcome.refused):
        response.headers.update(_TRY_AGAIN)
    refused = []
    for one in outcome.refused:
        said = problem(_STATUS[one.why], one.detail)
        refused.append(
            RefusedOne(id=one.id, status=said["status"], title=said["title"], detail=said["detail"])
        )
    return Acted(done=list(outcome.done), refused=refused)


def answer_one(outcome: Outcome) -> ActedOnOne:
    """What was done.

    Raises:
        ProblemError: it was refused.
    """
    for one in outcome.refused:
        unknown = one.why is Refusal.UNKNOWN
        headers = _TRY_AGAIN if unknown else {}
        raise ProblemError(_STATUS[one.why], one.detail, headers=headers)
    return ActedOnOne(done=outcome.done[0])

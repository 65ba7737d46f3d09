"""``/v1/escalations``: what was escalated (督办), and the answers to it."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Query

from linkage_contracts.ids import Id
from linkage_runtime.access import Caller, Scope
from linkage_runtime.http.access import caller_with, require_organisation
from linkage_runtime.mongo import Collection
from supervision_push.adapters.pages import page_by, paged
from supervision_push.adapters.pushes.http_outcomes import actor_of, answer_one
from supervision_push.adapters.pushes.http_push_models import (
    MAX_PAGE,
    ActedOnOne,
    Body,
    Clerk,
    Text,
)
from supervision_push.application.act_on_pushes import Actor, Outcome
from supervision_push.application.answer_escalations import AnswerEscalation

Answering = Annotated[Caller, Depends(caller_with(Scope.ACT_ON_PUSHES, Scope.ACT_ON_RESULTS))]
Reading = Annotated[
    Caller,
    Depends(caller_with(Scope.ACT_ON_PUSHES, Scope.ACT_ON_RESULTS, Scope.OVERSEE)),
]
_HIDDEN = ("_id", "party", "unpublished", "held_at")


class AnswerBody(Body):
    """督办答复."""

    by: Clerk
    explanation: Text
    measures: Text


class Answers(Protocol):
    """The use case with all but command and actor bound."""

    async def __call__(self, command: AnswerEscalation, *, actor: Actor) -> Outcome:
        """See ``answer_escalation``."""


class EscalationViews:
    """What is shown of the collection ``escalations``."""

    def __init__(self, escalations: Collection) -> None:
        self._escalations = escalations

    async def page(
        self, whose: dict[str, str], *, answered: bool | None, after: str | None, limit: int
    ) -> dict[str, Any]:
        """Oldest first."""
        which: dict[str, Any] = dict(whose)
        if answered is not None:
            which["answer"] = {"$exists": answered}
        found = await page_by(self._escalations, which, "raised_at", after, limit)
        return paged("escalations", [_shown(one) for one in found], "escalation_id", limit)


def escalations_router(
    answers: Answers, views: EscalationViews, now: Callable[[], datetime]
) -> APIRouter:
    """Who owes answers; who oversees reads."""
    router = APIRouter(prefix="/v1/escalations", tags=["escalations 督办"])

    @router.post("/{escalation_id}:answer", summary="督办答复 Answer an escalation")
    async def answer(escalation_id: Id, body: AnswerBody, caller: Answering) -> ActedOnOne:
        command = AnswerEscalation(escalation_id=escalation_id, **body.model_dump())
        return answer_one(await answers(command, actor=actor_of(caller, now)))

    @router.get("", summary="督办 Escalations to or of an organisation, oldest first")
    async def read(
        caller: Reading,
        *,
        organisation: str | None = None,
        answered: bool | None = None,
        after: str | None = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    ) -> dict[str, Any]:
        """Without ``organisation``: to oversight all that was escalated to it, to others theirs."""
        if organisation is not None:
            require_organisation(caller, organisation)
            whose = {"organisation": organisation}
        elif caller.may(Scope.OVERSEE):
            whose = {"superiors": caller.organisation}
        else:
            whose = {"organisation": caller.organisation}
        return await views.page(whose, answered=answered, after=after, limit=limit)

    return router


def _shown(document: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in document.items() if name not in _HIDDEN}
    return {"escalation_id": document["_id"], **shown}

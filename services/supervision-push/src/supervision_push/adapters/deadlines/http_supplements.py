"""``/v1/supplements``: what decisions still lack (容缺), and by when it is due."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from linkage_runtime.access import Caller, Scope
from linkage_runtime.http.access import caller_with
from supervision_push.adapters.deadlines.mongo_supplements import MongoSupplements
from supervision_push.adapters.pushes.http_push_models import MAX_PAGE

Reading = Annotated[Caller, Depends(caller_with(Scope.ACT_ON_RESULTS, Scope.OVERSEE))]


def supplements_router(supplements: MongoSupplements) -> APIRouter:
    """A bureau sees its own, oversight all; moving one: see ``http_deadlines``."""
    router = APIRouter(prefix="/v1/supplements", tags=["supplements 容缺"])

    @router.get("", summary="容缺待补正 What is missing, by the age of the decision")
    async def read(
        caller: Reading,
        *,
        open_only: bool = True,
        after: str | None = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    ) -> dict[str, Any]:
        whose = None if caller.may(Scope.OVERSEE) else caller.organisation
        return await supplements.page(whose, open_only=open_only, after=after, limit=limit)

    return router

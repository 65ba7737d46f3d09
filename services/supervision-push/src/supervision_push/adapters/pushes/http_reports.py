"""``/v1/reports``: what oversight and whoever keeps the catalogue should look at."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from linkage_runtime.access import Caller, Scope
from linkage_runtime.http.access import caller_with
from linkage_runtime.mongo import Collection
from linkage_runtime.sent import PlausibleDay
from supervision_push.adapters.pushes.http_push_models import MAX_PAGE
from supervision_push.adapters.pushes.returned_items import returned_items
from supervision_push.application.ports import Catalogues
from supervision_push.domain.terms import start_of

Watching = Annotated[Caller, Depends(caller_with(Scope.OVERSEE, Scope.ADMINISTER))]
_A_QUARTER = timedelta(days=90)


def reports_router(
    pushes: Collection, catalogues: Catalogues, now: Callable[[], datetime]
) -> APIRouter:
    """Read by people, so counted when asked."""
    router = APIRouter(prefix="/v1/reports", tags=["reports 报表"])

    @router.get("/returned-items", summary="常被退回的事项 Items that are often returned")
    async def returned(
        _: Watching,
        since: PlausibleDay | None = None,
        least: Annotated[int, Query(ge=1)] = 1,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    ) -> dict[str, Any]:
        """By item and returning authority, since a day, by default of the last 90."""
        begin = start_of(since) if since else now() - _A_QUARTER
        rows = await returned_items(pushes, catalogues, since=begin, least=least, limit=limit)
        return {"since": begin, "items": rows}

    return router

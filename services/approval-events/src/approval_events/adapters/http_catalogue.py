"""The catalogue of items over HTTP: everybody with a key reads it, administrators replace it."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from approval_events.adapters.http_bodies import json_body, model_of
from approval_events.adapters.http_views import json_response
from approval_events.application.ports import Catalogues
from approval_events.application.replace_catalogue import InForce
from linkage_contracts.catalogue import Catalogue
from linkage_runtime.access import Caller, Scope
from linkage_runtime.http.access import caller_with


def catalogue_router(
    catalogues: Catalogues, replace: Callable[[Catalogue], Awaitable[InForce]]
) -> APIRouter:
    """Routes under ``/v1/catalogue``."""
    router = APIRouter(tags=["事项目录 catalogue"])

    @router.get("/v1/catalogue")
    async def get_catalogue(
        _caller: Annotated[Caller, Depends(caller_with(*Scope))],
    ) -> Response:
        """The version in force."""
        catalogue = await catalogues.in_force()
        return json_response(
            {"version": catalogue.version, "catalogue": catalogue.model_dump(mode="json")}
        )

    @router.put("/v1/catalogue", openapi_extra=json_body(Catalogue))
    async def put_catalogue(
        request: Request,
        _caller: Annotated[Caller, Depends(caller_with(Scope.ADMINISTER))],
    ) -> Response:
        """Replace it; other processes check by the new one a few seconds later."""
        in_force = await replace(model_of(Catalogue, await request.body()))
        return json_response({"version": in_force.version, "in_force_since": in_force.since})

    return router

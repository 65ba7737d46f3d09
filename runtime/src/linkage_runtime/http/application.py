"""One FastAPI application per service, put together the same way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
import uvloop
from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import JSONResponse
from fastapi.telemetry import TelemetryConfig
from starlette import types
from starlette.types import ASGIApp, Message, Receive, Send

from linkage_runtime.access import ApiKeys, Scope
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.access_log import AccessLog
from linkage_runtime.http.counting import CountedRequests, declare_requests
from linkage_runtime.http.description import description_of
from linkage_runtime.http.problems import MEDIA_TYPE, ProblemError, answer_problems, problem
from linkage_runtime.http.tracing import TracedRequests
from linkage_runtime.probes import Check, serve_probes
from linkage_runtime.settings import RuntimeSettings
from linkage_runtime.traces import Traces

MAX_BODY_BYTES = 16 * 1024 * 1024
"""A batch of 5,000 decisions with room to spare; a single event is bounded by its Kafka topic."""


def build_api(
    *,
    title: str,
    routers: list[APIRouter],
    api_keys: ApiKeys,
    close: Callable[[], Awaitable[None]],
    access_log: AccessLog,
) -> FastAPI:
    """An API with problem documents, access by key, a bounded body, its requests counted, noted."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await close()

    # The description is for those who have a key, as everything is.
    # FastAPI's own telemetry tells paths, queries and what was sent: no variable may switch it on.
    app = FastAPI(title=title, lifespan=lifespan, openapi_url=None, telemetry=_NO_TELEMETRY)
    app.add_api_route(
        "/v1/openapi.json",
        lambda: JSONResponse(description_of(app)),
        dependencies=[Depends(caller_with(*Scope))],
        include_in_schema=False,
    )
    app.state.api_keys = api_keys
    for router in routers:
        app.include_router(router)
    answer_problems(app)
    declare_requests(route for router in routers for route in router.routes)
    # The last one is the first to see a request.
    app.add_middleware(_JsonBody)
    app.add_middleware(CountedRequests, access_log=access_log)
    if Traces.spans is not None:
        app.add_middleware(TracedRequests, spans=Traces.spans)
    return app


def run_api(
    app: ASGIApp,
    settings: RuntimeSettings,
    checks: Mapping[str, Check],
    *beside: Coroutine[Any, Any, None],
) -> None:
    """Serve until SIGTERM, then finish the requests in hand within ten seconds.

    Kafka is none of the checks of an API: without it an API still answers what it can, and tells
    whoever emits to come again; taken out of service it would tell them nothing.
    """
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=10,
    )
    uvloop.run(_serve(uvicorn.Server(config), serve_probes(settings, checks), *beside))


async def _serve(api: uvicorn.Server, *beside: Coroutine[Any, Any, None]) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one) for one in beside]
        await api.serve()
        for task in tasks:
            task.cancel()


class _JsonBody:
    """Bounded, and JSON even where ``curl -d`` calls it a form: there are no forms here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: types.Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if headers.get(b"content-type", _FORM) == _FORM:
            # In place: what the routes leave in the scope is read by those around this.
            scope["headers"] = list((headers | {b"content-type": _JSON}).items())
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > MAX_BODY_BYTES:
            await _refuse(scope, receive, send)
            return
        left = MAX_BODY_BYTES

        async def bounded() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise ProblemError(413, _TOO_LARGE)
            return message

        await self._app(scope, bounded, send)


_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}
_FORM, _JSON = b"application/x-www-form-urlencoded", b"application/json"
_TOO_LARGE = (
    f"内容超过 {MAX_BODY_BYTES // 2**20} MiB,请分批发送 (over the limit: send smaller batches)"
)


async def _refuse(scope: types.Scope, receive: Receive, send: Send) -> None:
    await JSONResponse(problem(413, _TOO_LARGE), 413, media_type=MEDIA_TYPE)(scope, receive, send)

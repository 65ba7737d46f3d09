"""Counts and notes the requests of an API by route: never by the path that a caller chose."""

import json
from collections.abc import Iterable
from datetime import datetime
from time import perf_counter

from fastapi.routing import APIRoute
from prometheus_client import Counter, Histogram
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from linkage_runtime.clock import now
from linkage_runtime.http.access_log import AccessLog
from linkage_runtime.traces import trace_id

REQUESTS = Counter(
    "linkage_http_requests_total",
    "Requests answered, by route and class of status; 5xx is our fault.",
    ["method", "route", "status"],
)
SECONDS = Histogram(
    "linkage_http_request_seconds",
    "Time until an answer began; a long poll waits as long as it was asked to.",
    ["route"],
    buckets=(0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)
_NO_ROUTE = "unmatched"
_CLASSES = ("2xx", "4xx", "5xx")
_FAILED = 500


def declare_requests(routes: Iterable[BaseRoute]) -> None:
    """Create every label set at 0."""
    for route in routes:
        if isinstance(route, APIRoute):
            SECONDS.labels(route.path)
            for method in route.methods or ():
                for status in _CLASSES:
                    REQUESTS.labels(method, route.path, status)


class CountedRequests:
    """Stands around the routes, which leave in the scope which one was found, and who asked."""

    def __init__(self, app: ASGIApp, access_log: AccessLog) -> None:
        self._app = app
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request be answered, and count how."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        at, started, status, took = now(), perf_counter(), _FAILED, 0.0

        async def noted(message: Message) -> None:
            nonlocal status, took
            if message["type"] == "http.response.start":
                status, took = message["status"], perf_counter() - started
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", _NO_ROUTE)
            method = scope["method"] if route != _NO_ROUTE else _NO_ROUTE
            REQUESTS.labels(method, route, f"{status // 100}xx").inc()
            whole = perf_counter() - started
            SECONDS.labels(route).observe(took or whole)
            self._access_log.write(at, _line(scope, at, route, status, whole))


def _line(scope: Scope, at: datetime, route: str, status: int, seconds: float) -> bytes:
    caller = scope.get("state", {}).get("caller")
    said = {
        "at": at.isoformat(),
        "peer": scope["client"][0] if scope.get("client") else None,
        "organisation": caller.organisation if caller else None,
        "key": caller.key_id if caller else None,
        "method": scope["method"],
        "route": route,
        "status": status,
        "seconds": round(seconds, 6),
        "trace_id": trace_id(),
    }
    return json.dumps(said).encode() + b"\n"

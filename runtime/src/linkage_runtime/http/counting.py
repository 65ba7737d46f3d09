"""Counts the requests of an API by route: never by the path that a caller chose."""

from collections.abc import Iterable
from time import perf_counter

from fastapi.routing import APIRoute
from prometheus_client import Counter, Histogram
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
    """Stands next to the routes, so that it sees which one was found."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request be answered, and count how."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status, took = perf_counter(), _FAILED, 0.0

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
            SECONDS.labels(route).observe(took or perf_counter() - started)

"""A span for each request, by its route: what stands in paths and queries is not told."""

from typing import TYPE_CHECKING

from opentelemetry.trace import Span, StatusCode
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from linkage_runtime.spans import Spans

_FAILED = 500


class TracedRequests:
    """Goes on with a caller's trace, or begins one; stands around the middleware that counts."""

    def __init__(self, app: ASGIApp, spans: "Spans") -> None:
        self._app = app
        self._spans = spans

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request be answered with its span in hand."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = _FAILED

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        traceparent = Headers(scope=scope).get("traceparent")
        with self._spans.served(scope["method"], traceparent) as span:
            try:
                await self._app(scope, receive, noted)
            finally:
                if span.is_recording():
                    _tell(span, scope, status)


def _tell(span: Span, scope: Scope, status: int) -> None:
    span.set_attribute("http.response.status_code", status)
    if status >= _FAILED:
        span.set_status(StatusCode.ERROR)
        span.set_attribute("error.type", str(status))
    if route := getattr(scope.get("route"), "path", None):
        span.update_name(f"{scope['method']} {route}")
        span.set_attribute("http.route", route)
    if caller := scope.get("state", {}).get("caller"):
        span.set_attribute("linkage.organisation", caller.organisation)

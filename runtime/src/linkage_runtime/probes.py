"""``/metrics``, ``/healthz`` and ``/readyz``, the same on every process."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from linkage_runtime.errors import LinkageError

Check = Callable[[], Awaitable[bool]]
CHECK_SECONDS = 3.0


def probe_routes(checks: Mapping[str, Check]) -> list[Route]:
    """The three routes; ready means that every named check says so within three seconds."""

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    async def alive(_: Request) -> Response:
        return JSONResponse({"alive": True})

    async def ready(_: Request) -> Response:
        results = await asyncio.gather(*(_ask(check) for check in checks.values()))
        answer = dict(zip(checks, results, strict=True))
        return JSONResponse(answer, status_code=200 if all(results) else 503)

    return [
        Route("/metrics", metrics),
        Route("/healthz", alive),
        Route("/readyz", ready),
    ]


async def _ask(check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except (LinkageError, TimeoutError, OSError):
        return False


class SignallessServer(uvicorn.Server):
    """Leaves signals to whatever runs this process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def serve_probes(host: str, port: int, checks: Mapping[str, Check]) -> None:
    """Serve the probes inside a process that has no API, until cancelled."""
    app = Starlette(routes=probe_routes(checks))
    config = uvicorn.Config(
        app, host=host, port=port, access_log=False, log_config=None, lifespan="off"
    )
    await SignallessServer(config).serve()

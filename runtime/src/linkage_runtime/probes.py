"""``/metrics``, ``/healthz`` and ``/readyz``, on an address of its own in every process."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import uvicorn
from motor.motor_asyncio import AsyncIOMotorClient
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pymongo.errors import PyMongoError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from linkage_runtime import metrics
from linkage_runtime.certificates import show_certificates
from linkage_runtime.errors import LinkageError
from linkage_runtime.settings import ProbeSettings

Check = Callable[[], Awaitable[bool]]
CHECK_SECONDS, ASK_SECONDS = 3.0, 10.0


def probe_routes(checks: Mapping[str, Check]) -> list[Route]:
    """The three routes; ready means that every named check says so within three seconds."""

    async def metrics(_: Request) -> Response:
        # In a thread: the 12,000 series of 500 authorities take an eighth of a second to write.
        text = await asyncio.to_thread(generate_latest)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

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


def primary_answers(client: AsyncIOMotorClient[dict[str, Any]]) -> Check:
    """A readiness check: whom we reach is the one that takes writes."""

    async def check() -> bool:
        try:
            return bool((await client.admin.command("hello"))["isWritablePrimary"])
        except PyMongoError:
            # Refused is as little ready as away.
            return False

    return check


async def serve_probes(settings: ProbeSettings, checks: Mapping[str, Check]) -> None:
    """Serve the probes beside whatever else the process does, until cancelled."""
    show_certificates(settings)
    config = uvicorn.Config(
        Starlette(routes=probe_routes(checks)),
        host=settings.probes_host,
        port=settings.probes_port,
        access_log=False,
        log_config=None,
        lifespan="off",
    )
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(_keep_asking(checks))
        await SignallessServer(config).serve()
        asking.cancel()


async def _keep_asking(checks: Mapping[str, Check]) -> None:
    """Show by metric what the checks say, though nobody asks ``/readyz``."""
    while True:
        for name, check in checks.items():
            metrics.READY.labels(name).set(await _ask(check))
        await asyncio.sleep(ASK_SECONDS)

"""Do something again and again; trouble outside makes the pauses longer, not the process end."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from linkage_runtime.errors import TransientError

log = structlog.get_logger()

LONGEST_PAUSE = timedelta(seconds=30)


async def repeat(
    what: str,
    act: Callable[[], Awaitable[bool]],
    *,
    every: timedelta,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Act until cancelled, at once again when ``act`` says that there is more to do."""
    first = pause = min(every, LONGEST_PAUSE)
    while True:
        try:
            more = await act()
        except TransientError as error:
            log.warning("task waits", task=what, cause=str(error), seconds=pause.total_seconds())
            await sleep(pause.total_seconds())
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            pause = first
            if not more:
                await sleep(every.total_seconds())

"""How the demo waits until a worker has read what stands on the log."""

import time
from collections.abc import Callable

import httpx

_SETTLE_SECONDS = 60.0


def until(
    ask: Callable[[], httpx.Response], is_right: Callable[[httpx.Response], bool]
) -> httpx.Response:
    """The first response that is right, or the last one before patience ends."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        response = ask()
        if is_right(response) or time.monotonic() > deadline:
            return response
        time.sleep(0.2)


def known(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """The answer once what it is about has been read: 404 until then."""
    return until(ask, lambda response: response.status_code != httpx.codes.NOT_FOUND)

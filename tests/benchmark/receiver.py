"""A regulator's webhook endpoint, a program of its own: notes when each decision came, once.

    python -m tests.benchmark.receiver PORT

``GET /seen`` tells how many decisions came; ``GET /arrivals`` each with its time, as JSON, and how
many entries and requests there were in all.
"""

import json
import re
import sys
import time
from typing import Any

import uvicorn

# The entries are not parsed: the receiver shares two cores with what is measured.
_OPENED = re.compile(rb'"type":"linkage\.feed\.push-opened\.v1"[^{}]*?"subject":"([0-9a-f-]{36})"')
_ANY = re.compile(rb'"specversion":"1\.0"')


class Receiver:
    """An ASGI application."""

    def __init__(self) -> None:
        self._arrived: dict[str, float] = {}
        self._requests = 0
        self._entries = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Note what comes, and tell what came."""
        if scope["type"] != "http":
            return
        if scope["method"] == "POST":
            self._note(await _body(receive))
            await _answer(send, 200, b"")
        elif scope["path"] == "/seen":
            await _answer(send, 200, str(len(self._arrived)).encode())
        else:
            told = {
                "arrived": self._arrived,
                "requests": self._requests,
                "entries": self._entries,
            }
            await _answer(send, 200, json.dumps(told).encode())

    def _note(self, body: bytes) -> None:
        at = time.time()
        self._requests += 1
        self._entries += len(_ANY.findall(body))
        for decision_id in _OPENED.findall(body):
            self._arrived.setdefault(decision_id.decode(), at)


async def _body(receive: Any) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


async def _answer(send: Any, status: int, body: bytes) -> None:
    length = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": length})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    uvicorn.run(Receiver(), port=int(sys.argv[1]), access_log=False, log_level="warning")

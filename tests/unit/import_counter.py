"""A counter that takes batches as the approving side's API does, over real HTTP on loopback."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class Counter:
    """Remembers what it took; a document number with ``坏`` in it is rejected."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.taken: set[str] = set()
        self.troubles: dict[int, str] = {}
        """By number of the request, counted from 0: ``away``, or ``interrupt`` the importer."""
        self.requests = 0
        self.url = ""

    def answer(self, body: bytes) -> tuple[int, dict[str, str], Any]:
        """Status, headers and document for one batch."""
        trouble = self.troubles.get(self.requests)
        self.requests += 1
        if trouble == "away":
            return 503, {"Retry-After": "1"}, {"title": "away"}
        rows = [json.loads(line) for line in body.splitlines()]
        self.batches.append(len(rows))
        if trouble == "interrupt":
            os.kill(os.getpid(), signal.SIGINT)
        return 200, {}, {"results": [self._one(row["document_number"]) for row in rows]}

    def _one(self, number: str) -> dict[str, Any]:
        if "坏" in number:
            error = dict.fromkeys(("zh", "en", "remedy_zh", "remedy_en"), "x")
            return {"status": "rejected", "errors": [error | {"pointer": "/document_number"}]}
        status = "known" if number in self.taken else "accepted"
        self.taken.add(number)
        return {"status": status}


@contextmanager
def a_counter() -> Iterator[Counter]:
    """A counter that is open."""
    counter = Counter()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers, document = counter.answer(body)
            content = json.dumps(document).encode()
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(content))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        counter.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield counter
        finally:
            server.shutdown()
            thread.join()

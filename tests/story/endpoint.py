"""A webhook's receiver of off-the-shelf parts: a Standard Webhooks verifier behind plain HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

OPENED = "linkage.feed.push-opened.v1"


@dataclass
class Endpoint:
    """Refuses what no secret of its own verifies, and any decision of the numbers in ``poison``."""

    secrets: list[str] = field(default_factory=list)
    poison: set[str] = field(default_factory=set)
    types: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    signatures: set[int] = field(default_factory=set)

    def answer(self, headers: dict[str, str], body: bytes) -> int:
        try:
            events: list[dict[str, Any]] = Webhook(self.secrets[-1]).verify(body, headers)
        except (WebhookVerificationError, IndexError):
            return 401
        told = [_number(event) for event in events if event["type"] == OPENED]
        if self.poison.intersection(told):
            return 422
        self.signatures.add(len(headers["webhook-signature"].split()))
        self.types += [event["type"] for event in events]
        self.numbers += told
        return 204

    @contextmanager
    def listening(self) -> Iterator[str]:
        """Take requests while the context lasts; gives the address."""
        answer = self.answer

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(answer(headers, body))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _number(event: dict[str, Any]) -> str:
    return str(event["data"]["decision"]["document_number"])

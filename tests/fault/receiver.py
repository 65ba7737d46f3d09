"""A regulator's webhook endpoint that answers as it is told: well, with 500, too slowly, never."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_TEST = "linkage.subscription.test.v1"
"""Asks whether the endpoint answers; it stands on no feed."""


class Mood(StrEnum):
    """How it answers."""

    WELL = "well"
    ERROR = "error"
    HANGS = "hangs"
    DRIPS = "drips"
    RAMBLES = "rambles"
    """200, and what no receiver has to say."""


class Receiver:
    """What arrived and how it answers; a request that hangs is let go when the mood changes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.arrived: dict[str, None] = {}
        """Ids of entries, in the order in which each came first and was answered well."""
        self.repeated = 0
        self.answered: dict[Mood, int] = dict.fromkeys(Mood, 0)
        self._mood = Mood.WELL
        self._changed = threading.Condition()

    @property
    def mood(self) -> Mood:
        """How it answers now."""
        return self._mood

    def turn(self, mood: Mood) -> None:
        """Answer like this from now on."""
        with self._changed:
            self._mood = mood
            self._changed.notify_all()

    def changes_within(self, seconds: float) -> bool:
        """Wait for another mood."""
        mood = self._mood
        with self._changed:
            return self._changed.wait_for(lambda: self._mood is not mood, seconds)

    def take(self, body: bytes) -> None:
        """Keep what came."""
        for entry in json.loads(body):
            if entry["type"] == _TEST:
                continue
            self.repeated += entry["id"] in self.arrived
            self.arrived.setdefault(entry["id"])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver, mood = self.receiver, self.receiver.mood
        receiver.answered[mood] += 1
        match mood:
            case Mood.WELL:
                receiver.take(body)
                self._answer(200)
            case Mood.RAMBLES:
                receiver.take(body)
                self._answer(200, b'{"received": [["' + b"\xff\x00" * 100_000)
            case Mood.ERROR:
                self._answer(500)
            case Mood.HANGS:
                receiver.changes_within(60)
                self.close_connection = True
            case Mood.DRIPS:
                self._drip()

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        self.close_connection = True
        self.send_response(200)
        # More than ever comes: an answer that is broken off is none.
        self.send_header("Content-Length", "1000")
        self.end_headers()
        try:
            while not self.receiver.changes_within(1):
                self.wfile.write(b" ")
                self.wfile.flush()
        except OSError:
            pass  # the deliverer had enough

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name there
        pass


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Serve on loopback while the context lasts."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}")
    handler.receiver = receiver  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.turn(Mood.WELL)
        server.shutdown()
        server.server_close()

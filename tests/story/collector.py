"""A collector of traces: takes OTLP over HTTP, and keeps what it was told in a file too."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Told:
    """One span, as far as the stories ask."""

    process: str
    name: str
    trace: str
    events: frozenset[str]
    """Types of events that it is about."""


class Collector:
    """All spans of all processes so far."""

    def __init__(self, file: Path) -> None:
        self.spans: list[Told] = []
        self._file = file
        self._file.parent.mkdir(parents=True, exist_ok=True)

    def take(self, body: bytes) -> None:
        with self._file.open("ab") as kept:
            kept.write(body)
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            process = {one.key: one.value.string_value for one in group.resource.attributes}
            for spans in group.scope_spans:
                for span in spans.spans:
                    about = {one.key: one.value.string_value for one in span.attributes}
                    self.spans.append(
                        Told(
                            process=process["service.name"],
                            name=span.name,
                            trace=span.trace_id.hex(),
                            events=frozenset({about.get("cloudevents.event_type", "")} - {""}),
                        )
                    )


@contextmanager
def collecting(file: Path) -> Iterator[Collector]:
    """Let every process that starts meanwhile send all its traces here, at once."""
    collector = Collector(file)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(
            "LINKAGE_TRACES_ENDPOINT", f"http://127.0.0.1:{server.server_port}/v1/traces"
        )
        environment.setenv("LINKAGE_TRACES_RATIO", "1")
        environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
        yield collector
    server.shutdown()
    server.server_close()
    thread.join()

"""Spans kept in memory, as a process makes them whose traces are on."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from linkage_runtime.spans import spans_of
from linkage_runtime.traces import Traces

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SAMPLED = f"00-{TRACE}-00f067aa0ba902b7-01"
UNSAMPLED = f"00-{TRACE}-00f067aa0ba902b7-00"


class Kept:
    """The spans that ended so far."""

    def __init__(self, exporter: InMemorySpanExporter) -> None:
        self._exporter = exporter

    def all(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()

    def names(self, trace: str = TRACE) -> list[str]:
        """Of one trace, in the order in which they ended."""
        return [span.name for span in self.all() if f"{span.context.trace_id:032x}" == trace]

    def text(self) -> str:
        """All that an exporter would be told."""
        return "\n".join(span.to_json() for span in self.all())


@contextmanager
def traced(ratio: float = 1.0) -> Iterator[Kept]:
    exporter = InMemorySpanExporter()
    Traces.spans = spans_of("test", SimpleSpanProcessor(exporter), ratio)
    try:
        yield Kept(exporter)
    finally:
        Traces.spans = None

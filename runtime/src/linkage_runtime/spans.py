"""Spans by OpenTelemetry, as its conventions for HTTP, messaging and CloudEvents name them.

A batch has a span for each sampled event, a child of the event's creation: one for all would stand
in a trace of its own. What else was going on is linked.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Final

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import (
    Link,
    Span,
    SpanKind,
    StatusCode,
    Tracer,
    format_trace_id,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from linkage_contracts.envelope import Event
from linkage_runtime.traces import Kind

EXPORT_SECONDS: Final = 2.0
"""For each export: what is left is sent at the end of a process, which waits for it."""
_W3C: Final = TraceContextTextMapPropagator()
_SAMPLED: Final = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f][13579bdf]")
# Of the envelope, or else of an event inside, whose trace is the same. Quotes within JSON strings
# are escaped, so no text that anybody sent looks like this.
_IN_BODY: Final = re.compile(rb'"traceparent":"(' + _SAMPLED.pattern.encode() + rb')"')
_HEAD: Final = re.compile(
    rb'"id":"([0-9a-f-]{36})","type":"([a-z0-9.-]+)","source":"([\w/]+)","subject":"([0-9a-f-]{36})"'
)
_Attributes = Mapping[str, str | int]
_KAFKA: Final = {"messaging.system": "kafka"}


def exported_spans(process: str, endpoint: str, ratio: float) -> "Spans":
    """Spans that go to a collector over OTLP/HTTP, in the background."""
    exporter = OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_SECONDS)
    return spans_of(process, BatchSpanProcessor(exporter), ratio)


def spans_of(process: str, processor: SpanProcessor, ratio: float) -> "Spans":
    """Spans of so many of the traces that begin here, and of all that were sampled before."""
    resource = Resource.create(
        {
            "service.namespace": "linkage",
            "service.name": process,
            "service.version": version("linkage-runtime"),
        }
    )
    provider = TracerProvider(sampler=ParentBased(TraceIdRatioBased(ratio)), resource=resource)
    provider.add_span_processor(processor)
    # Not the global one: FastAPI would add spans of its own to that, with paths and queries.
    return Spans(provider.get_tracer("linkage", version("linkage-runtime")))


class Spans:
    """Makes spans with one tracer."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def trace_id(self) -> str | None:
        """Of the request in hand."""
        here = get_current_span().get_span_context()
        return format_trace_id(here.trace_id) if here.is_valid else None

    def traceparent(self, span: Span | None = None) -> str | None:
        """Of a span, else of the request in hand; ``None`` if it is not sampled."""
        span = span or get_current_span()
        if not span.get_span_context().trace_flags.sampled:
            return None
        carrier: dict[str, str] = {}
        _W3C.inject(carrier, set_span_in_context(span))
        return carrier["traceparent"]

    @contextmanager
    def served(self, method: str, traceparent: str | None) -> Iterator[Span]:
        """The span of a request, which is then the one in hand."""
        with self._tracer.start_as_current_span(
            method,
            _W3C.extract({"traceparent": traceparent} if traceparent else {}),
            SpanKind.SERVER,
            {"http.request.method": method},
            # Messages of errors may quote what was sent.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield span

    @contextmanager
    def processed(self, reader: str, topic: str, events: Iterable[Event]) -> Iterator[None]:
        """See ``traces.processed``."""
        common = _operation("process", topic) | {"messaging.consumer.group.name": reader}
        spans = [
            self._begin(
                f"process {topic}",
                "consumer",
                context,
                common | _named(event.id, event.type, event.source, event.subject),
            )
            for event in events
            if event.traceparent and (context := _context(event.traceparent))
        ]
        with _ending(spans):
            yield

    @contextmanager
    def continued(
        self, name: str, kind: Kind, bodies: Iterable[bytes | None]
    ) -> Iterator[Sequence[Span]]:
        """See ``traces.continued``."""
        operation, _, place = name.partition(" ")
        common = _operation(operation, place) if kind == "producer" else {}
        spans = [
            self._begin(name, kind, context, common | _told(body))
            for body in bodies
            # The first look is a tenth of the second, and most that is sent is not sampled.
            if body
            and b'"traceparent":"' in body
            and (found := _IN_BODY.search(body))
            and (context := _context(found[1].decode()))
        ]
        with _ending(spans):
            yield spans

    def _begin(self, name: str, kind: Kind, cause: Context, attributes: _Attributes) -> Span:
        here = get_current_span().get_span_context()
        own_trace = get_current_span(cause).get_span_context().trace_id
        links = [Link(here)] if here.is_valid and here.trace_id != own_trace else None
        return self._tracer.start_span(name, cause, SpanKind[kind.upper()], attributes, links)


def _context(traceparent: str) -> Context | None:
    return _W3C.extract({"traceparent": traceparent}) if _SAMPLED.fullmatch(traceparent) else None


def _operation(name: str, topic: str) -> dict[str, str]:
    return _KAFKA | {
        "messaging.operation.name": name,
        "messaging.operation.type": name,
        "messaging.destination.name": topic,
    }


def _named(id_: str, type_: str, source: str, subject: str) -> dict[str, str]:
    return {
        "cloudevents.event_id": id_,
        "cloudevents.event_type": type_,
        "cloudevents.event_source": source,
        "cloudevents.event_subject": subject,
    }


def _told(body: bytes) -> dict[str, str]:
    # A dead letter may be anything: only what looks like ours is told.
    head = _HEAD.search(body)
    return _named(*(part.decode() for part in head.groups())) if head else {}


@contextmanager
def _ending(spans: Sequence[Span]) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        for span in spans:
            span.set_status(StatusCode.ERROR)
            span.set_attribute("error.type", type(error).__qualname__)
        raise
    finally:
        for span in spans:
            span.end()

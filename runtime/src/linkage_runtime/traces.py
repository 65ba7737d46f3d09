"""Traces (OpenTelemetry): off unless an endpoint is set, and then nothing of the library is loaded.

A sampled request's context goes on its events as CloudEvents' ``traceparent``, and what an event
leads to carries the same one on, unchanged: a repeat, a replay and a rebuild have the same bytes.
What was not sampled carries nothing. ``tracestate`` is not carried at all: it is free text, and the
log is kept for ever.

Spans name events by id and type, requests by route: never a path, a query or a body.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TypeVar

from linkage_contracts.envelope import Event
from linkage_runtime.settings import TraceSettings

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from linkage_runtime.spans import Spans

Kind = Literal["server", "client", "producer", "consumer", "internal"]
AnyEvent = TypeVar("AnyEvent", bound=Event)


class Traces:
    """Where this process makes its spans; ``None``: nowhere."""

    spans: "Spans | None" = None


def export_traces(process: str, settings: TraceSettings) -> None:
    """Switch traces on, if an endpoint is set; called once, at the start of a process."""
    if settings.traces_endpoint is not None:
        # Here, because loading the library costs a tenth of a second.
        from linkage_runtime.spans import exported_spans  # noqa: PLC0415

        Traces.spans = exported_spans(process, str(settings.traces_endpoint), settings.traces_ratio)


def trace_id() -> str | None:
    """Of the request in hand, sampled or not."""
    return Traces.spans.trace_id() if Traces.spans else None


def stamped(event: AnyEvent) -> AnyEvent:
    """The event with the context of the sampled request that made it, unless it has one."""
    if Traces.spans is None or event.traceparent is not None:
        return event
    here = Traces.spans.traceparent()
    return event.model_copy(update={"traceparent": here}) if here else event


def named_trace(event: Event) -> dict[str, str]:
    """The trace that an event is of, as a log line names it."""
    return {"trace_id": event.traceparent.split("-")[1]} if event.traceparent else {}


@contextmanager
def processed(reader: str, topic: str, events: Iterable[Event]) -> Iterator[None]:
    """A span for each sampled event of a batch, in its own trace."""
    if Traces.spans is None:
        yield
        return
    with Traces.spans.processed(reader, topic, events):
        yield


@contextmanager
def continued(name: str, kind: Kind, bodies: Iterable[bytes | None]) -> Iterator[Sequence["Span"]]:
    """A span for each sampled event among these, in its own trace; they end together."""
    if Traces.spans is None:
        yield ()
        return
    with Traces.spans.continued(name, kind, bodies) as spans:
        yield spans


def traceparent_of(spans: Sequence["Span"]) -> str | None:
    """What a request that goes out under these spans carries: the context of the first."""
    return Traces.spans.traceparent(spans[0]) if Traces.spans and spans else None


def tell_status(spans: Sequence["Span"], status: int) -> None:
    """What the request that went out under these spans was answered."""
    for span in spans:
        span.set_attribute("http.response.status_code", status)

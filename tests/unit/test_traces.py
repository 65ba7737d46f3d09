"""Traces: one from request to request through the log, nothing where it was not sampled."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI

from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.generate import ROOT
from linkage_contracts.topics import DECISIONS, Topic
from linkage_runtime.access import Caller, Scope
from linkage_runtime.http.access import caller_with
from linkage_runtime.outbox import holding
from linkage_runtime.publisher import KafkaPublisher
from linkage_runtime.settlement import DeadLetter, Message, Record, Settlement
from tests.unit.noted import KEYED, NotedRequests, keyed_api
from tests.unit.test_publisher import Producer
from tests.unit.traced import SAMPLED, TRACE, UNSAMPLED, traced

GOLDEN = Path(ROOT / "examples" / "linkage.decision.issued.v1.json").read_bytes()
ID_NUMBER = "450721190001010010"


def event(traceparent: str | None = None, number: int = 0) -> DecisionEvent:
    read: Any = DECISIONS.read(GOLDEN)
    id_ = f"{number:08x}" + read.id[8:]
    changed: DecisionEvent = read.model_copy(update={"traceparent": traceparent, "id": id_})
    return changed


def record(traceparent: str | None = None, number: int = 0) -> Record:
    return Record(0, number, b"key", event(traceparent, number).to_bytes())


class Sent(Producer):
    """Remembers what it was given."""

    bodies: ClassVar[list[bytes]]

    async def send(self, *_: Any, **what: Any) -> Any:
        type(self).bodies.append(what["value"])
        return await super().send()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    monkeypatch.setattr(Sent, "bodies", [], raising=False)
    monkeypatch.setattr("linkage_runtime.publisher.AIOKafkaProducer", Sent)
    return Sent.bodies


def an_api() -> FastAPI:
    router, publisher = APIRouter(), KafkaPublisher("kafka")

    @router.post("/v1/parties/{party}/decisions")
    async def post(
        party: str, caller: Annotated[Caller, Depends(caller_with(Scope.EMIT_DECISIONS))]
    ) -> dict[str, str]:
        if party == "broken":
            raise RuntimeError(ID_NUMBER)
        await publisher.publish(DECISIONS, [event()])
        return {}

    return keyed_api(router, NotedRequests())


async def post(api: FastAPI, path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(api, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        return await client.post(path, headers=KEYED | headers, json={"id_number": ID_NUMBER})


def test_off_loads_nothing_of_the_library_and_changes_no_event() -> None:
    program = (
        "import sys, linkage_runtime.stream, linkage_runtime.publisher, linkage_runtime.logs\n"
        "assert not [m for m in sys.modules if m.startswith('opentelemetry')]"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    held = holding([(DECISIONS, event())])["$push"]["outbox"]["$each"]
    assert held[0]["body"] == event().to_bytes()
    assert b"traceparent" not in held[0]["body"]


async def test_a_request_goes_on_with_its_callers_trace_and_so_does_its_event(
    sent: list[bytes],
) -> None:
    with traced(ratio=0) as kept:
        path = f"/v1/parties/{ID_NUMBER}/decisions?name={ID_NUMBER}"
        answer = await post(an_api(), path, traceparent=SAMPLED)
    assert answer.status_code == 200
    sending, request = kept.all()
    assert kept.names() == [
        "send approval.decisions.v1",
        "POST /v1/parties/{party}/decisions",
    ]
    assert ID_NUMBER not in kept.text()
    assert request.attributes is not None
    assert request.attributes["linkage.organisation"] == "11450721XN0721012K"
    (body,) = sent
    assert json.loads(body)["traceparent"] == f"00-{TRACE}-{request.context.span_id:016x}-01"
    assert sending.parent is not None
    assert sending.parent.span_id == request.context.span_id
    assert json.loads(body) | {"traceparent": None} == json.loads(event().to_bytes()) | {
        "traceparent": None
    }


@pytest.mark.parametrize("header", [{}, {"traceparent": UNSAMPLED}, {"traceparent": "00-bad"}])
async def test_what_is_not_sampled_carries_nothing(
    sent: list[bytes], header: dict[str, str]
) -> None:
    with traced(ratio=0) as kept:
        await post(an_api(), "/v1/parties/x/decisions", **header)
    assert kept.all() == ()
    assert sent == [event().to_bytes()]


async def test_a_share_of_the_traces_that_begin_here_is_sampled(sent: list[bytes]) -> None:
    with traced(ratio=0.5):
        api = an_api()
        for _ in range(100):
            await post(api, "/v1/parties/x/decisions")
    assert 20 < sum(b"traceparent" in body for body in sent) < 80


async def test_an_error_is_told_without_what_was_sent(sent: list[bytes]) -> None:
    with traced() as kept:
        api = an_api()
        await post(api, "/v1/parties/broken/decisions", tracestate=f"x={ID_NUMBER}")
    (span,) = kept.all()
    assert not span.status.is_ok
    assert ID_NUMBER not in kept.text()


class Graveyard:
    def __init__(self) -> None:
        self.letters: list[DeadLetter] = []

    async def bury(self, _topic: Topic, _reader: str, letters: Sequence[DeadLetter]) -> None:
        self.letters += letters


async def settled(batch: Sequence[Record], failing: set[int] | None = None) -> list[Message]:
    seen: list[Message] = []

    async def handle(messages: Sequence[Message]) -> None:
        if failing and any(one.record.offset in failing for one in messages):
            raise ValueError(ID_NUMBER)
        seen.extend(messages)

    await Settlement(DECISIONS, "test", handle, Graveyard()).settle(batch)
    return seen


async def test_a_batch_has_a_span_for_each_sampled_event_in_the_events_own_trace() -> None:
    other = SAMPLED.replace(TRACE, "1" * 32)
    batch = [record(SAMPLED, 1), record(other, 2), record(UNSAMPLED, 3), record(None, 4)]
    batch += [record("00-not-a-context-01", 5), record(SAMPLED, 1)]
    with traced() as kept:
        seen = await settled(batch)
    assert len(kept.all()) == 3
    assert kept.names() == ["process approval.decisions.v1"] * 2
    assert kept.names("1" * 32) == ["process approval.decisions.v1"]
    # What handlers are given, and so what they store, is what stands on the topic.
    assert [one.event.to_bytes() for one in seen] == [one.body for one in batch]


async def test_what_fails_ends_its_span_and_is_named_by_its_trace(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with traced() as kept:
        await settled([record(SAMPLED, 1), record(None, 2)], failing={1})
    assert kept.names() == ["process approval.decisions.v1"]
    assert ID_NUMBER not in kept.text()
    assert TRACE in capsys.readouterr().out


async def test_a_dead_letter_that_is_no_event_is_sent_all_the_same(sent: list[bytes]) -> None:
    odd = b'\xff{"traceparent":"' + SAMPLED.encode() + b'","id":"' + ID_NUMBER.encode() + b'"'
    with traced() as kept:
        await KafkaPublisher("kafka").send("some.dead-letter", [(None, odd, ())])
    assert sent == [odd]
    assert kept.names() == ["send some.dead-letter"]
    assert ID_NUMBER not in kept.text()


def test_an_event_keeps_the_context_that_it_has() -> None:
    with traced():
        body = holding([(DECISIONS, event(SAMPLED))])["$push"]["outbox"]["$each"][0]["body"]
    assert re.findall(rb'"traceparent":"([^"]+)"', body) == [SAMPLED.encode()]

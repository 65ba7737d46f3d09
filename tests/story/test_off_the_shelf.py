"""A regulator of off-the-shelf parts: nothing of this project's is in its programs.

Its webhook is verified by Standard Webhooks' own library, every event is read by CloudEvents' SDK,
the stream by httpx-sse, the topic by aiokafka, the sheet by openpyxl, and the rest is plain HTTP.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from typing import Any, Final

import httpx
import pytest
from aiokafka import AIOKafkaConsumer
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event
from cloudevents.core.formats.json import JSONFormat
from httpx_sse import ServerSentEvent, connect_sse
from openpyxl import load_workbook
from standardwebhooks import Webhook, WebhookVerificationError

from linkage_runtime.stack.local import RunningStack, Stack
from tests.story.collector import Collector
from tests.story.organisations import PARTY, REGULATOR, Organisation, eventually

pytestmark = pytest.mark.story

OPENED: Final = "linkage.feed.push-opened.v1"
SIGNS_AT_ONCE: Final = "91450721XMGWE6001F"
"""The pushes about this party are signed for in the webhook's answer, the others by sheet."""
PARTIES: Final = (PARTY, SIGNS_AT_ONCE)
ROUNDS: Final = 3
FILLED_IN: Final = {
    "办理人": "clerk-08",
    "签收": "是",
    "纳入监管": "是",
    "反馈类型": "监督检查",
    "反馈结果": "符合",
}
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Regulator:
    """What it heard on each channel, and its key to the API."""

    def __init__(self, stack: Stack) -> None:
        self.kafka = stack.kafka
        self.api = httpx.Client(
            base_url=stack.urls["supervision-push"],
            headers={"Authorization": f"Bearer {stack.keys[REGULATOR]}"},
            timeout=30,
            trust_env=False,
        )
        self.feed = f"/v1/feeds/{REGULATOR}"
        self.secret = ""
        self.traces: set[str] = set()
        """That webhooks were sent under."""
        self.pushed: dict[str, BaseCloudEvent] = {}
        """By id: a webhook may be told twice."""
        self.pulled: list[BaseCloudEvent] = []
        self._cursor: str | None = None

    def subscribe(self, **wanted: Any) -> dict[str, Any]:
        made = self.api.post("/v1/subscriptions", json=wanted)
        assert made.status_code == 201, made.text
        return dict(made.json())

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """The webhook: refuses what is not signed for it, and signs for what it can."""
        try:
            events = Webhook(self.secret).verify(body, headers)
        except (WebhookVerificationError, RuntimeError):  # the latter while it has no secret yet
            return 401, b""
        self.traces.add(headers.get("traceparent", "--").split("-")[1])
        told = of_pushes([read(json.dumps(one)) for one in events])
        for one in told:
            self.pushed.setdefault(one.get_id(), one)
        signed = [data_of(one)["push_id"] for one in told if party_of(one) == SIGNS_AT_ONCE]
        return 200, json.dumps({"received": signed, "by": "clerk-07"}).encode()

    def pull_until(self, count: int) -> None:
        """Follow the cursor until so many pushes were opened."""
        while len(self.pulled) < count:
            asked: dict[str, Any] = {"limit": 2, "wait": 20, "after": self._cursor}
            params = {key: value for key, value in asked.items() if value is not None}
            page = self.api.get(f"{self.feed}/entries", params=params)
            assert page.status_code == 200, page.text
            assert page.json(), "nothing came"
            self._cursor = page.headers["Linkage-Cursor"]
            self.pulled += of_pushes([read(json.dumps(one)) for one in page.json()])

    def stream(self, count: int, after: str | None = None) -> list[ServerSentEvent]:
        """So many pushes from one connection, which is then dropped."""
        events: list[ServerSentEvent] = []
        headers = {"Last-Event-ID": after} if after else {}
        with connect_sse(self.api, "GET", f"{self.feed}/events", headers=headers) as source:
            for event in source.iter_sse():
                events += [event] if event.event == OPENED else []
                if len(events) == count:
                    break
        return events

    async def consume(self, topic: str, count: int) -> list[BaseCloudEvent]:
        events: list[BaseCloudEvent] = []
        options = {"bootstrap_servers": self.kafka, "auto_offset_reset": "earliest"}
        async with AIOKafkaConsumer(topic, **options) as consumer, asyncio.timeout(30):
            async for record in consumer:
                message = KafkaMessage(dict(record.headers), record.key, record.value)
                events += of_pushes([from_kafka_event(message)])
                if len(events) == count:
                    break
        return events

    def sheet(self) -> tuple[Any, Any]:
        download = self.api.get("/v1/pushes.xlsx")
        assert download.status_code == 200, download.text
        book = load_workbook(BytesIO(download.content))
        return book, book["待办"]


def read(text: str) -> BaseCloudEvent:
    return JSONFormat().read(None, text)


def data_of(event: BaseCloudEvent) -> dict[str, Any]:
    data = event.get_data()
    assert isinstance(data, dict)
    return data


def party_of(event: BaseCloudEvent) -> str:
    return str(data_of(event)["decision"]["party"]["code"])


def number_of(event: BaseCloudEvent) -> str:
    return str(data_of(event)["decision"]["document_number"])


def of_pushes(events: Sequence[BaseCloudEvent]) -> list[BaseCloudEvent]:
    return [event for event in events if event.get_type() == OPENED]


def plainly(events: Sequence[BaseCloudEvent]) -> list[tuple[dict[str, Any], Any]]:
    # Of what came by Kafka the SDK shows the record's key here: the party, not the recipient.
    attributes = [dict(event.get_attributes()) | {"partitionkey": None} for event in events]
    return list(zip(attributes, [event.get_data() for event in events], strict=True))


@contextmanager
def listening(regulator: Regulator) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answer = regulator.take(headers, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def regulator(running: RunningStack) -> Iterator[Regulator]:
    made = Regulator(running.stack)
    with made.api, listening(made) as endpoint:
        made.secret = made.subscribe(channel="webhook", endpoint=endpoint)["secret"]
        yield made


@pytest.fixture(scope="module")
def decided(bureau: Organisation, regulator: Regulator) -> dict[str, str]:
    """Decisions by document number, in the order taken: in each round, one about each party."""
    ids: dict[str, str] = {}
    for turn in range(ROUNDS):
        for code in PARTIES:
            party = {"kind": "legal_person", "name": "灵山县示例餐饮有限公司", "code": code}
            accepted = bureau.decide(f"外{turn}{code[-1]}", party=party)
            assert accepted.status_code == 202, accepted.text
            ids[f"试审批〔2026〕外{turn}{code[-1]}号"] = accepted.json()["decision_id"]
        regulator.pull_until(len(ids))
    return ids


def of_party(numbers: Sequence[str], code: str) -> list[str]:
    return [number for number in numbers if number.endswith(f"{code[-1]}号")]


def test_every_channel_hands_over_the_same_events_and_each_partys_in_order(
    regulator: Regulator, decided: dict[str, str]
) -> None:
    first = regulator.stream(2)
    rest = regulator.stream(len(decided) - 2, after=first[-1].id)
    streamed = [read(event.data) for event in first + rest]
    topic = regulator.subscribe(channel="kafka")["topic"]
    consumed = asyncio.run(regulator.consume(topic, len(decided)))
    eventually(lambda: len(regulator.pushed) == len(decided), "all of them by webhook")
    for heard in ([*regulator.pushed.values()], streamed, consumed):
        assert plainly(heard) == plainly(regulator.pulled)
    numbers = [number_of(event) for event in regulator.pulled]
    assert sorted(numbers) == sorted(decided)
    for code in PARTIES:
        assert of_party(numbers, code) == of_party([*decided], code)


def test_one_trace_leads_from_the_bureaus_post_to_the_regulators_receipt(
    decided: dict[str, str], regulator: Regulator, collector: Collector
) -> None:
    first = next(one for one in regulator.pulled if party_of(one) == SIGNS_AT_ONCE)
    trace = str(first.get_extension("traceparent")).split("-")[1]

    def steps() -> set[tuple[str, str]]:
        told = [span for span in collector.spans if span.trace == trace]
        return {(one.process, what) for one in told for what in (one.name, *one.events)}

    wanted = {
        ("approval-events.api", "POST /v1/decisions"),
        ("approval-events.api", "send approval.decisions.v1"),
        ("supervision-push-worker", "process approval.decisions.v1"),
        ("supervision-push-worker", "send linkage.feeds.v1"),
        ("supervision-push-worker", "process linkage.feeds.v1"),
        ("supervision-push-deliverer", "POST webhook"),
        ("supervision-push-deliverer", "linkage.push.received.v1"),
        ("supervision-push-api", "read feed"),
        ("approval-events.worker", "process supervision.progress.v1"),
    }
    eventually(lambda: not wanted - steps() or None, f"all of {sorted(wanted)}")
    # Whichever came first, webhook or pull.
    assert "linkage.push.delivered.v1" in {what for _, what in steps()}
    posts = {one.trace for one in collector.spans if one.name == "POST /v1/decisions"}
    assert len(posts) == len(decided)
    # A batch carries the trace of its first entry; the subscription's test event has none.
    assert set() < regulator.traces - {""} <= posts


def test_the_sheet_has_the_same_pushes_and_what_is_filled_in_there_shows_in_the_linkages(
    bureau: Organisation, regulator: Regulator, decided: dict[str, str]
) -> None:
    at_once = of_party([*decided], SIGNS_AT_ONCE)
    eventually(lambda: all(_signed(bureau, decided[one]) for one in at_once), "the receipts")
    book, sheet = regulator.sheet()
    column = {cell.value: cell.column for cell in sheet[1]}
    rows = range(2, sheet.max_row + 1)
    told = {
        sheet.cell(row, column["决定文书号"]).value: sheet.cell(row, column["推送编号"]).value
        for row in rows
    }
    assert told == {number_of(one): data_of(one)["push_id"] for one in regulator.pulled}
    for code in PARTIES:
        assert of_party([*told], code) == of_party([*decided], code)
    for row in rows:
        for title, value in FILLED_IN.items():
            sheet.cell(row, column[title], value=value)
    saved = BytesIO()
    book.save(saved)
    upload = regulator.api.post(
        "/v1/pushes:upload", content=saved.getvalue(), headers={"Content-Type": XLSX}
    )
    counts = {"done": len(decided), "known": 0, "wrong": 0, "empty": 0}
    assert upload.json()["counts"] == counts
    eventually(lambda: all(_done(bureau, one) for one in decided.values()), "it in the linkages")


def _push(bureau: Organisation, decision_id: str) -> dict[str, Any]:
    pushes = bureau.linkage(decision_id).get("pushes", ())
    return next((one for one in pushes if one["recipient"] == REGULATOR), {})


def _signed(bureau: Organisation, decision_id: str) -> bool:
    return _push(bureau, decision_id).get("received_by") == "clerk-07"


def _done(bureau: Organisation, decision_id: str) -> bool:
    push = _push(bureau, decision_id)
    said = [(one["duty"], one["outcome"]) for one in push["fed_back"]]
    return not push["still_owed"] and said == [("inspection", "conforms")]

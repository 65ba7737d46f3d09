"""Results over HTTP: one at a time or in batches, each answered for itself."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from linkage_contracts.topics import RESULTS
from linkage_runtime.access import Caller, Scope
from linkage_runtime.http.application import build_api
from supervision_push.adapters.results.http_results import results_router
from supervision_push.application.record_result import RecordResults, ResultAnswer
from tests.unit.feed_desk import KeysByName
from tests.unit.noted import NotedRequests
from tests.unit.results_fakes import BUREAU, PUSH, SUPERVISOR, Desk, Log

KEYS = KeysByName(
    {
        name: Caller(
            key_id="1",
            organisation=SUPERVISOR,
            name="市监局",
            scopes=frozenset({scope}),
            authorities=frozenset(),
        )
        for name, scope in (("emitter", Scope.EMIT_RESULTS), ("reader", Scope.READ_FEED))
    }
)
CLUE = {
    "type": "risk_clue",
    "found_on": "2026-11-20",
    "summary": "线索",
    "push_id": PUSH,
    "document_number": "线1号",
}


class Door:
    """The router on an application, with the desk behind it in memory."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.app = build_api(
            title="test",
            routers=[results_router(self.record)],
            api_keys=KEYS,
            close=self.close,
            access_log=NotedRequests(),
        )

    async def record(self, command: RecordResults) -> list[ResultAnswer]:
        self.desk.emitter = command.emitter
        answers = await self.desk.record(*command.submissions)
        for event in self.desk.log.on(RESULTS):
            self.desk.results.known[event.data.result_id] = event.data.digest
        return answers

    async def close(self) -> None:
        pass


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def http(door: Door) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=door.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://linkage") as client:
        client.headers["Authorization"] = "Bearer emitter"
        yield client


async def test_a_result_is_accepted_then_known_then_in_conflict(http: httpx.AsyncClient) -> None:
    accepted = await http.post("/v1/results", json=CLUE)
    known = await http.post("/v1/results", json=CLUE)
    conflict = await http.post("/v1/results", json={**CLUE, "summary": "另一内容"})
    assert (accepted.status_code, accepted.json()["status"]) == (202, "accepted")
    assert (known.status_code, known.json()["status"]) == (200, "known")
    assert conflict.status_code == 409
    ids = {answer.json()["result_id"] for answer in (accepted, known, conflict)}
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("change", "status", "pointer"),
    [
        ({"colour": "red"}, 422, "/colour"),
        ({"found_on": "2027-01-01"}, 422, "/found_on"),
        ({"supervisor": BUREAU}, 403, "/supervisor"),
        ({"push_id": "00000000-0000-0000-0000-000000000000"}, 404, ""),
    ],
)
async def test_a_refusal_names_its_reason(
    http: httpx.AsyncClient, change: dict[str, Any], status: int, pointer: str
) -> None:
    answer = await http.post("/v1/results", json={**CLUE, **change})
    assert answer.status_code == status
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert ("retry-after" in answer.headers) == (status == 404)


async def test_kafka_away_is_503_with_what_to_do(http: httpx.AsyncClient, door: Door) -> None:
    door.desk.log = Log(away=1)
    answer = await http.post("/v1/results", json=CLUE)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert (await http.post("/v1/results", json=CLUE)).status_code == 202


async def test_each_row_of_a_batch_is_answered_for_itself(http: httpx.AsyncClient) -> None:
    rows = [CLUE, {"type": "gossip"}, CLUE, {**CLUE, "summary": "另一内容"}]
    body = "\n".join(json.dumps(row) for row in rows)
    answer = await http.post(
        "/v1/results:batch", content=body, headers={"Content-Type": "application/x-ndjson"}
    )
    told = answer.json()
    assert (told["accepted"], told["known"], told["rejected"]) == (1, 1, 2)
    assert [row["row"] for row in told["results"]] == [0, 1, 2, 3]
    statuses = [row["status"] for row in told["results"]]
    assert statuses == ["accepted", "rejected", "known", "conflict"]
    assert told["results"][1]["errors"][0]["pointer"] == "/type"


async def test_an_empty_batch_is_answered_with_nothing(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/results:batch", json=[])
    assert answer.json() == {"accepted": 0, "known": 0, "rejected": 0, "results": []}


@pytest.mark.parametrize("path", ["/v1/results", "/v1/results:batch"])
async def test_a_key_without_the_scope_posts_nothing(
    http: httpx.AsyncClient, door: Door, path: str
) -> None:
    answer = await http.post(path, json=[CLUE], headers={"Authorization": "Bearer reader"})
    assert answer.status_code == 403
    assert door.desk.log.events == []


async def test_the_description_of_the_body_names_every_type(http: httpx.AsyncClient) -> None:
    described = (await http.get("/v1/openapi.json")).json()
    operation = described["paths"]["/v1/results"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    types = {one["properties"]["type"]["const"] for one in schema["oneOf"]}
    assert types == {
        "inspection",
        "penalty",
        "rectification_order",
        "rectification_end",
        "commitment_breach",
        "risk_clue",
        "action_request",
    }
    assert "$ref" not in json.dumps(schema)

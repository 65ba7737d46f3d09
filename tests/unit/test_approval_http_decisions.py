"""Decisions over HTTP: bodies read row by row, answers as the API description says."""

import json

import pytest

from linkage_runtime.errors import OutcomeUnknownError
from tests.unit.approval_builders import OTHER_BUREAU, sent
from tests.unit.approval_desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_decision_is_answered_with_202_and_where_to_look(desk: Desk) -> None:
    response = await desk.call("POST", "/v1/decisions", json=sent())
    body = response.json()
    assert response.status_code == 202
    assert response.headers["Location"] == f"/v1/linkages/{body['decision_id']}"
    assert body["status"] == "accepted"
    assert body["irregularities"] == []


async def test_the_same_again_is_answered_with_200(desk: Desk) -> None:
    await desk.call("POST", "/v1/decisions", json=sent())
    response = await desk.call("POST", "/v1/decisions", json=sent())
    assert (response.status_code, response.json()["status"]) == (200, "known")


async def test_another_content_is_answered_with_409_and_the_difference(desk: Desk) -> None:
    await desk.call("POST", "/v1/decisions", json=sent())
    response = await desk.call("POST", "/v1/decisions", json=sent(content="食品销售"))
    assert response.status_code == 409
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["differences"] == ["/content"]


async def test_mistakes_are_answered_with_422_in_both_languages(desk: Desk) -> None:
    body = sent(valid_until="2020-01-01")
    response = await desk.call("POST", "/v1/decisions", json=body)
    [error] = response.json()["errors"]
    assert response.status_code == 422
    assert error["pointer"] == "/valid_until"
    assert set(error) == {"pointer", "rule", "zh", "en", "remedy_zh", "remedy_en"}
    assert all(error.values())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff"])
async def test_what_is_no_decision_at_all_is_answered_with_422(desk: Desk, body: bytes) -> None:
    assert (await desk.call("POST", "/v1/decisions", content=body)).status_code == 422


async def test_emitting_for_a_stranger_is_answered_with_403(desk: Desk) -> None:
    response = await desk.call("POST", "/v1/decisions", json=sent(authority=OTHER_BUREAU))
    assert response.status_code == 403
    assert response.json()["errors"][0]["rule"] == "authority_not_yours"


@pytest.mark.parametrize(("key", "status"), [("nobody", 401), ("oversight", 403)])
async def test_a_key_without_the_right_emits_nothing(desk: Desk, key: str, status: int) -> None:
    response = await desk.call("POST", "/v1/decisions", key=key, json=sent())
    assert response.status_code == status


async def test_a_broker_that_is_away_is_answered_with_503_and_what_to_do(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise OutcomeUnknownError("no answer")

    monkeypatch.setattr(desk.door.publisher, "publish", away)
    response = await desk.call("POST", "/v1/decisions", json=sent())
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert "repeat the same" in response.json()["detail"]


NDJSON = {"Content-Type": "application/x-ndjson; charset=utf-8"}


async def test_a_batch_of_lines_is_answered_row_by_row(desk: Desk) -> None:
    lines = [
        json.dumps(sent()),
        "{broken",
        "",
        json.dumps(sent(document_number="灵审批〔2026〕2号", party={"kind": "legal_person"})),
        json.dumps(sent()),
        json.dumps(sent(content="食品销售")),
        "",
    ]
    response = await desk.call(
        "POST", "/v1/decisions:batch", content="\n".join(lines).encode(), headers=NDJSON
    )
    body = response.json()
    assert response.status_code == 200
    assert {key: body[key] for key in ("accepted", "known", "conflict", "rejected")} == {
        "accepted": 1,
        "known": 1,
        "conflict": 1,
        "rejected": 2,
    }
    assert [(r["row"], r["status"]) for r in body["results"]] == [
        (0, "accepted"),
        (1, "rejected"),
        (2, "rejected"),
        (3, "known"),
        (4, "conflict"),
    ]
    assert body["results"][1]["errors"][0]["rule"] == "json_invalid"
    assert body["results"][2]["errors"][0]["pointer"] == "/party/name"
    assert body["results"][4]["differences"] == ["/content"]


async def test_a_batch_may_be_an_array(desk: Desk) -> None:
    rows = [sent(), 17, sent(document_number="灵审批〔2026〕2号", surprise=1)]
    body = (await desk.call("POST", "/v1/decisions:batch", json=rows)).json()
    assert [result["status"] for result in body["results"]] == ["accepted", "rejected", "rejected"]
    assert body["results"][2]["errors"][0]["pointer"] == "/surprise"


@pytest.mark.parametrize(
    ("body", "status"), [(b"{}", 400), (b"[1,", 400), (b"[" + b"1," * 5_000 + b"1]", 413)]
)
async def test_a_batch_that_is_none_or_too_long_is_refused_whole(
    desk: Desk, body: bytes, status: int
) -> None:
    assert (await desk.call("POST", "/v1/decisions:batch", content=body)).status_code == status


async def test_an_act_is_answered_like_a_decision(desk: Desk) -> None:
    decision_id = (await desk.call("POST", "/v1/decisions", json=sent())).json()["decision_id"]
    act = {"kind": "annulled", "document_number": "撤1号", "on": "2026-11-21", "ground": "x"}
    path = f"/v1/decisions/{decision_id}/acts"
    early = await desk.call("POST", path, json=act)
    assert (early.status_code, early.headers["Retry-After"]) == (404, "1")
    await desk.door.books.add(desk.door.events)
    assert (await desk.call("POST", path, json=act)).status_code == 202
    assert (await desk.call("POST", path, json=act)).status_code == 200
    assert (await desk.call("POST", path, json=act | {"kind": "granted"})).status_code == 422
    assert (await desk.call("POST", path, key="other", json=act)).status_code == 403


async def test_the_description_of_the_api_is_self_contained(desk: Desk) -> None:
    described = json.dumps(desk.app.openapi()["paths"]["/v1/decisions"]["post"]["requestBody"])
    assert "document_number" in described
    assert "$ref" not in described
    assert "$defs" not in described

"""Linkages and acts on results over HTTP: who sees what, and what each id is answered."""

from typing import Any

import pytest

from approval_events.application.acts import Acts
from approval_events.domain.readings import facts_of
from approval_events.domain.refusals import NotYetKnownError, OutOfOrderError
from tests.unit.approval_builders import BUREAU
from tests.unit.approval_desk import UNKNOWN, Desk
from tests.unit.approval_loops import DECISION, RESULT, decided, opened, received


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_linkage_shows_where_both_loops_stand(desk: Desk) -> None:
    await desk.ledger.record(facts_of([decided(), opened(), received()]))
    body = (await desk.call("GET", f"/v1/linkages/{DECISION}")).json()
    assert body["state"] == "closed"
    assert body["document_number"] == "灵审批〔2026〕1号"
    assert [(p["state"], p["received_by"]) for p in body["pushes"]] == [("closed", "李监管")]
    assert [step["title"] for step in body["story"]] == [
        "决定 decided",
        "推送 push opened",
        "签收 received",
    ]


async def test_linkages_are_shown_to_those_who_are_part_of_them(desk: Desk) -> None:
    await desk.ledger.record(facts_of([decided()]))
    assert (await desk.call("GET", f"/v1/linkages/{DECISION}", key="other")).status_code == 403
    assert (await desk.call("GET", f"/v1/linkages/{DECISION}", key="oversight")).status_code == 200
    unknown = await desk.call("GET", f"/v1/linkages/{UNKNOWN}")
    assert (unknown.status_code, unknown.headers["Retry-After"]) == (404, "1")


async def test_a_list_shows_ones_own_by_state_and_goes_on(desk: Desk) -> None:
    await desk.ledger.record(facts_of([decided()]))

    async def listed(query: str, key: str = "bureau") -> list[str]:
        body = (await desk.call("GET", f"/v1/linkages{query}", key=key)).json()
        return [line["decision_id"] for line in body["linkages"]]

    assert await listed("") == [DECISION]
    assert await listed("", key="other") == []
    assert await listed("", key="oversight") == [DECISION]
    assert await listed("?state=closed") == []
    assert await listed(f"?after={DECISION}") == []
    first = (await desk.call("GET", "/v1/linkages?limit=1")).json()
    assert first["next"] == DECISION
    foreign = await desk.call("GET", f"/v1/linkages?authority={BUREAU}", key="other")
    assert foreign.status_code == 403


async def test_acts_on_results_answer_by_id(desk: Desk) -> None:
    desk.acts = Acts(
        done=[RESULT],
        refused=[NotYetKnownError(UNKNOWN, "没有", "none"), OutOfOrderError(RESULT, "x", "y")],
    )
    response = await desk.call(
        "POST", "/v1/results:receive", json={"result_ids": [RESULT, UNKNOWN], "by": "王审批"}
    )
    body = response.json()
    assert response.status_code == 200
    assert response.headers["Retry-After"] == "1"
    assert body["done"] == [RESULT]
    assert [(refused["id"], refused["status"]) for refused in body["refused"]] == [
        (UNKNOWN, 404),
        (RESULT, 409),
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("receive", {"result_ids": [], "by": "x"}),
        ("receive", {"result_ids": ["x"], "by": "x"}),
        ("receive", {"result_ids": [RESULT], "by": " "}),
        ("return", {"result_ids": [RESULT], "by": "x"}),
        ("report", {"by": "x", "reports": [{"result_id": RESULT, "outcome": "?", "note": "x"}]}),
    ],
)
async def test_a_mistaken_act_is_answered_with_422(
    desk: Desk, path: str, body: dict[str, Any]
) -> None:
    assert (await desk.call("POST", f"/v1/results:{path}", json=body)).status_code == 422

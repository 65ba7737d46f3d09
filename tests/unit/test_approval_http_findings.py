"""Findings over HTTP: who sees, answers and judges what, singly and in bulk, and the counts."""

from typing import Any

import pytest

from approval_events.domain.readings import facts_of
from tests.unit.approval_builders import BUREAU, OVERSIGHT
from tests.unit.approval_desk import UNKNOWN, Desk
from tests.unit.approval_loops import DECISION
from tests.unit.findings_desk import BROKEN, FINDING, LATENESS

EXPLAINED = {"kind": "explanation", "note": "系统故障,已补报"}
CORRECTED = {"kind": "correction", "note": "已更正", "act_document_number": "变1号"}


@pytest.fixture
async def desk() -> Desk:
    desk = Desk()
    await desk.findings.note(facts_of([BROKEN]))
    await desk.ledger.record(facts_of([BROKEN]))
    return desk


async def listed(desk: Desk, query: str = "", key: str = "bureau") -> list[str]:
    body = (await desk.call("GET", f"/v1/findings{query}", key=key)).json()
    return [one["finding_id"] for one in body["findings"]]


async def test_a_bureau_lists_its_own_and_oversight_all(desk: Desk) -> None:
    both = sorted([FINDING, LATENESS])
    assert await listed(desk) == await listed(desk, key="oversight") == both
    assert await listed(desk, key="other") == []
    assert await listed(desk, "?rule=off_catalogue") == [FINDING]
    assert await listed(desk, "?state=answered") == []
    assert await listed(desk, f"?authority={BUREAU}&limit=1", key="oversight") == both[:1]
    assert await listed(desk, f"?after={both[0]}") == both[1:]
    foreign = await desk.call("GET", f"/v1/findings?authority={BUREAU}", key="other")
    assert foreign.status_code == 403


async def test_one_finding_says_what_was_broken_on_what_ground_and_what_was_done(
    desk: Desk,
) -> None:
    answered = await desk.call(
        "POST", f"/v1/findings/{FINDING}:answer", json={**CORRECTED, "by": "王审批"}
    )
    assert answered.status_code == 200
    body = (await desk.call("GET", f"/v1/findings/{FINDING}")).json()
    assert body == answered.json()
    assert (body["state"], body["rule"], body["ground"]) == (
        "answered",
        "off_catalogue",
        "assumption",
    )
    [step] = body["steps"]
    assert (step["what"], step["by"], step["act_document_number"]) == (
        "finding_answered",
        "王审批",
        "变1号",
    )
    assert (await desk.call("GET", f"/v1/findings/{FINDING}", key="other")).status_code == 403
    assert (await desk.call("GET", f"/v1/findings/{UNKNOWN}")).status_code == 404


async def test_a_finding_is_answered_sent_back_answered_and_accepted(desk: Desk) -> None:
    async def act(verb: str, key: str, **body: Any) -> tuple[int, str]:
        path = f"/v1/findings/{FINDING}:{verb}"
        answer = await desk.call("POST", path, key=key, json={"by": "x", **body})
        return answer.status_code, answer.json().get("state", "")

    assert await act("accept", "overseer") == (409, "")
    assert await act("answer", "bureau", **EXPLAINED) == (200, "answered")
    assert await act("accept", "oversight") == (403, ""), "may look, and not judge"
    assert await act("send-back", "overseer", reason="请更正") == (200, "sent_back")
    assert await act("answer", "bureau", **CORRECTED) == (200, "answered")
    assert await act("accept", "overseer", note="已核实") == (200, "accepted")
    story = (await desk.call("GET", f"/v1/linkages/{DECISION}")).json()
    assert {one["rule"] for one in story["findings"]} == {"off_catalogue", "pushed_late"}


async def test_bulk_acts_answer_by_id(desk: Desk) -> None:
    ids = [FINDING, LATENESS, UNKNOWN]
    answers = [{**EXPLAINED, "finding_id": id_} for id_ in ids]
    answered = await desk.call("POST", "/v1/findings:answer", json={"by": "x", "answers": answers})
    body = answered.json()
    assert body["done"] == [FINDING, LATENESS]
    assert [(one["id"], one["status"]) for one in body["refused"]] == [(UNKNOWN, 404)]
    back = {"by": "x", "finding_ids": [FINDING], "reason": "请更正"}
    sent_back = await desk.call("POST", "/v1/findings:send-back", key="overseer", json=back)
    accepted = await desk.call(
        "POST", "/v1/findings:accept", key="overseer", json={"by": "x", "finding_ids": ids[:2]}
    )
    assert sent_back.json()["done"] == [FINDING]
    assert accepted.json()["done"] == [LATENESS]
    assert [one["status"] for one in accepted.json()["refused"]] == [409]


async def test_findings_are_counted_by_authority_rule_and_state(desk: Desk) -> None:
    await desk.call("POST", f"/v1/findings/{LATENESS}:answer", json={**EXPLAINED, "by": "x"})
    body = (await desk.call("GET", "/v1/reports/findings", key="oversight")).json()
    lines = {line["rule"]: line for line in body["counts"]}
    assert lines["pushed_late"]["authority_name"] == "灵山县行政审批局"
    assert [lines["pushed_late"][name] for name in ("findings", "warned", "answered")] == [1, 0, 1]
    assert [lines["off_catalogue"][name] for name in ("findings", "warned")] == [1, 1]
    other = (await desk.call("GET", "/v1/reports/findings", key="other")).json()
    assert other["counts"] == []


@pytest.mark.parametrize(
    ("path", "key", "body"),
    [
        (f"/{FINDING}:answer", "bureau", {"by": "x", "kind": "correction", "note": "x"}),
        (f"/{FINDING}:answer", "bureau", {"by": "x", "kind": "?", "note": "x"}),
        (f"/{FINDING}:send-back", "overseer", {"by": "x", "reason": " "}),
        (":accept", "overseer", {"by": "x", "finding_ids": []}),
        (":answer", "bureau", {"by": "x", "answers": [EXPLAINED]}),
    ],
)
async def test_a_mistaken_act_is_answered_with_422_that_names_the_mistake(
    desk: Desk, path: str, key: str, body: dict[str, Any]
) -> None:
    answer = await desk.call("POST", f"/v1/findings{path}", key=key, json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


async def test_oversight_that_does_not_oversee_this_bureau_judges_nothing(desk: Desk) -> None:
    assert OVERSIGHT != BUREAU
    await desk.call("POST", f"/v1/findings/{FINDING}:answer", json={**EXPLAINED, "by": "x"})
    foreign = await desk.call("POST", f"/v1/findings/{FINDING}:accept", json={"by": "x"})
    assert foreign.status_code == 403


async def test_a_clerk_is_never_named_by_an_id_number(desk: Desk) -> None:
    sent = {**EXPLAINED, "by": "11010519491231002x"}
    answer = await desk.call("POST", f"/v1/findings/{FINDING}:answer", json=sent)
    assert answer.status_code == 422
    assert "11010519491231002" not in answer.text
    received = {"result_ids": [UNKNOWN], "by": "11010519491231002X"}
    assert (await desk.call("POST", "/v1/results:receive", json=received)).status_code == 422

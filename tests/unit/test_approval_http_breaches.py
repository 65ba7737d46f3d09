"""Breaches over HTTP: the ladder step by step, what comes next by when, and who may see what."""

from datetime import timedelta
from typing import Any

import pytest

from approval_events.domain.readings import facts_of
from linkage_contracts import breaches as b
from linkage_contracts.codes import DecisionKind
from linkage_runtime.clock import day_of, now
from tests.unit.approval_builders import BUREAU, SUPERVISOR
from tests.unit.approval_desk import UNKNOWN, Desk
from tests.unit.approval_loops import DECISION, PARTY, decided, opened
from tests.unit.breach_desk import BREACH, stepped, suspected

TODAY = day_of(now())
STEP = {"by": "王审批", "on": str(TODAY), "document_number": "违1号", "ground": "42号"}
IN_A_WEEK = str(TODAY + timedelta(days=7))


@pytest.fixture
async def desk() -> Desk:
    desk = Desk()
    await told(desk, suspected())
    return desk


async def told(desk: Desk, *events: Any) -> None:
    await desk.breaches.note(facts_of(events))
    await desk.ledger.record(facts_of(events))


async def take(desk: Desk, verb: str, key: str = "bureau", **more: Any) -> Any:
    return await desk.call("POST", f"/v1/breaches/{BREACH}:{verb}", key=key, json=STEP | more)


async def test_a_breach_tells_its_story_and_what_comes_next_by_when(desk: Desk) -> None:
    first = (await desk.call("GET", f"/v1/breaches/{BREACH}")).json()
    assert (first["state"], first["state_name"], first["promise"]) == (
        *("suspected", "疑似", "三十日内配齐消防设施"),
    )
    # Fifteen working days after Friday, 20 November.
    assert (first["next"], first["due_on"]) == (["notify", "dismiss"], "2026-12-11")
    assert (await take(desk, "notify", hear_by=IN_A_WEEK)).status_code == 200
    heard = (await take(desk, "hear", statement="已整改")).json()
    assert heard["next"] == ["find", "dismiss"]
    assert heard["due_on"] > str(TODAY)
    found = (await take(desk, "find")).json()
    assert (found["state"], found["due_on"]) == ("found", heard["due_on"])
    warned = (await take(desk, "warn", mend_by=IN_A_WEEK)).json()
    assert (warned["due_on"], warned["next"]) == (IN_A_WEEK, ["mend", "sanction", "dismiss"])
    mended = (await take(desk, "mend")).json()
    assert (mended["state"], mended["next"]) == ("mended", [])
    assert [step["title"].split()[0] for step in mended["story"]] == [
        *("疑似违诺", "违诺告知", "陈述申辩", "违诺认定", "违诺警示", "违诺整改合格"),
    ]
    # Who raised it acted first, and the bureau in all later steps.
    assert [step["organisation"] for step in mended["story"]] == [SUPERVISOR, *[BUREAU] * 5]
    assert "陈述 said: 已整改" in mended["story"][2]["detail"]


async def test_a_step_out_of_order_says_what_is_possible(desk: Desk) -> None:
    answer = await take(desk, "find")
    assert answer.status_code == 409
    assert "现为 疑似,可办理:告知、认定不成立" in answer.json()["detail"]
    assert "possible: notify, dismiss" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("verb", "body", "field"),
    [
        ("notify", {}, "hear_by"),
        ("hear", {"statement": "身份证11010519491231002X"}, "statement"),
        ("warn", {}, "mend_by"),
        ("sanction", {"kind": "penalty_referral"}, "referred_to"),
        ("sanction", {"kind": "annulment", "referred_to": SUPERVISOR}, "referred_to"),
        ("find", {"by": "11010519491231002X"}, "by"),
        ("find", {"ground": ""}, "ground"),
    ],
)
async def test_what_a_step_lacks_is_named(
    desk: Desk, verb: str, body: dict[str, Any], field: str
) -> None:
    answer = await take(desk, verb, **body)
    assert answer.status_code == 422
    assert field in str(answer.json()["errors"])


async def test_its_bureau_acts_and_nobody_else(desk: Desk) -> None:
    for key in ("other", "supervisor", "oversight"):
        assert (await take(desk, "notify", key=key, hear_by=IN_A_WEEK)).status_code == 403
    unknown = await desk.call("POST", f"/v1/breaches/{UNKNOWN}:find", json=STEP)
    assert (unknown.status_code, unknown.headers["Retry-After"]) == (404, "1")


async def test_its_bureau_its_supervisor_and_oversight_see_it(desk: Desk) -> None:
    async def listed(key: str, query: str = "") -> list[str]:
        answer = await desk.call("GET", f"/v1/breaches{query}", key=key)
        assert answer.status_code == 200, answer.text
        return [one["breach_id"] for one in answer.json()["breaches"]]

    for key, sees in (
        ("bureau", True),
        ("supervisor", True),
        ("oversight", True),
        ("other", False),
    ):
        one = await desk.call("GET", f"/v1/breaches/{BREACH}", key=key)
        assert one.status_code == (200 if sees else 403)
        assert await listed(key) == ([BREACH] if sees else [])
    assert await listed("bureau", f"?party={PARTY.key}&open_only=true") == [BREACH]
    assert await listed("bureau", "?party=nobody") == []
    assert await listed("bureau", "?state=found") == []
    assert await listed("bureau", f"?after={BREACH}") == []
    assert (
        await desk.call("GET", f"/v1/breaches?organisation={BUREAU}", key="other")
    ).status_code == 403
    await take(desk, "dismiss")
    assert await listed("bureau", "?open_only=true") == []
    assert await listed("bureau", "?state=dismissed") == [BREACH]
    missing = await desk.call("GET", f"/v1/breaches/{UNKNOWN}")
    assert missing.status_code == 404


async def test_a_linkage_shows_its_breaches_and_is_traced_through_their_steps(desk: Desk) -> None:
    await told(desk, decided(), opened(), stepped(b.BreachNotified))
    page = (await desk.call("GET", f"/v1/linkages/{DECISION}")).json()
    assert page["breaches"] == [{"breach_id": BREACH, "state": "notified", "state_name": "已告知"}]
    assert [step["title"] for step in page["story"]][-1] == "违诺告知 party told"


async def test_an_annulment_ties_the_breach_to_the_act_that_annuls(desk: Desk) -> None:
    await take(desk, "notify", hear_by=IN_A_WEEK)
    await take(desk, "hear", statement="无异议")
    await take(desk, "find")
    early = await take(desk, "sanction", kind="annulment", document_number="撤1号")
    assert early.status_code == 422
    await desk.door.books.add([decided("annulled", kind=DecisionKind.ANNULLED)])
    done = (await take(desk, "sanction", kind="annulment", document_number="撤1号")).json()
    assert (done["state"], done["next"]) == ("sanctioned", ["sanction"])

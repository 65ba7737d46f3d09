"""A broken commitment with every process: the ladder, its clocks, and what the party may use."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from linkage_contracts.ids import breach_id
from linkage_runtime.books.audit import audit
from linkage_runtime.clock import day_of, now
from linkage_runtime.stack.local import RunningStack, Stack
from tests.story.organisations import (
    FOOD_LICENCE,
    OTHER_BUREAU,
    OVERSIGHT,
    PARTY,
    TODAY,
    Organisation,
    eventually,
)

pytestmark = pytest.mark.story

NEXT_WEEK = (day_of(now()) + timedelta(days=7)).isoformat()
STEP = {"by": "window-3", "on": TODAY, "document_number": "试违1号", "ground": "国办发〔2020〕42号"}


@pytest.fixture(scope="module")
def overseer(stack: Stack) -> Iterator[Organisation]:
    with closing(Organisation(stack, OVERSIGHT)) as organisation:
        yield organisation


def suspect(bureau: Organisation, regulator: Organisation, number: str) -> tuple[str, str]:
    """A licence on a commitment that supervision holds to be broken; the licence, the breach."""
    commitment = {"text": "三十日内配齐消防设施", "method": "实地核查"}
    licence = bureau.decide(number, commitment=commitment).json()["decision_id"]
    push = regulator.told("push-opened", decision_id=licence)["push_id"]
    found = regulator.post(
        "supervision-push",
        "/v1/results",
        {
            "type": "commitment_breach",
            "push_id": push,
            "found_on": TODAY,
            "summary": "经核查与承诺不符",
            "promise": commitment["text"],
        },
    )
    assert found.status_code == 202, found.text
    return licence, breach_id(found.json()["result_id"])


def take(bureau: Organisation, breach: str, verb: str, **said: Any) -> dict[str, Any]:
    """One step; the ledger may know of the breach, or of an act, a moment later."""

    def look() -> dict[str, Any] | None:
        path = f"/v1/breaches/{breach}:{verb}"
        answer = bureau.post("approval-events", path, STEP | said)
        if answer.status_code == 404 or "请先报送撤销决定" in answer.text:
            return None
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    return eventually(look, f"{verb} of a breach")


def eligible(bureau: Organisation) -> bool:
    question = {"party": PARTY, "use": "commitment", "item": FOOD_LICENCE}
    asked = bureau.post("credit", "/v1/eligibility", question)
    assert asked.status_code == 200, asked.text
    return bool(asked.json()["eligible"])


def test_a_breach_goes_the_whole_ladder_and_its_supervisor_sees_each_step(
    bureau: Organisation, regulator: Organisation, overseer: Organisation
) -> None:
    licence, breach = suspect(bureau, regulator, "诺1")
    suspected = take(bureau, breach, "notify", hear_by=NEXT_WEEK)
    assert (suspected["state"], suspected["promise"]) == ("notified", "三十日内配齐消防设施")
    early = bureau.post("approval-events", f"/v1/breaches/{breach}:find", STEP)
    assert early.status_code == 409
    assert "听取陈述申辩" in early.json()["detail"]
    assert eligible(bureau)
    take(bureau, breach, "hear", statement="设施已订购")
    take(bureau, breach, "find")
    eventually(lambda: not eligible(bureau) or None, "the party barred")
    warned = take(bureau, breach, "warn", mend_by=NEXT_WEEK)
    assert warned["due_on"] == NEXT_WEEK
    clocked = eventually(lambda: clock_of(bureau, breach), "the clock of the warning")
    assert clocked == 200
    mended = take(bureau, breach, "mend", note="复核合格")
    assert mended["state_name"] == "已整改"
    told = [
        regulator.told("breach-moved", step_type=f"linkage.action.breach-{step}.v1")
        for step in ("notified", "heard", "found", "warned", "mended")
    ]
    assert all(one["step"]["data"]["breach_id"] == breach for one in told)
    assert told[3]["clock"]["due_on"] == NEXT_WEEK
    for who in (regulator, overseer):
        page = who.get("approval-events", f"/v1/breaches/{breach}")
        assert (page.status_code, page.json()["state"]) == (200, "mended")
    steps = {step["what"] for step in bureau.linkage(licence)["story"]}
    assert {f"linkage.action.breach-{step}.v1" for step in ("heard", "found", "mended")} <= steps
    assert not eligible(bureau)


def clock_of(bureau: Organisation, breach: str) -> int | None:
    """Extend the term of the warning by a day, as a bureau may; waits until the clock runs."""
    path = f"/v1/breaches/{breach}/clocks/breach_mending:extend"
    body = {"by": "window-3", "reason": "设备到货延迟", "working_days": 1}
    answer = bureau.post("supervision-push", path, body)
    return None if answer.status_code in {404, 409} else answer.status_code


def test_a_dismissed_breach_leaves_no_mark_and_a_reported_one_is_the_same_step(
    bureau: Organisation, regulator: Organisation, stack: Stack
) -> None:
    _, breach = suspect(bureau, regulator, "诺2")
    take(bureau, breach, "notify", hear_by=NEXT_WEEK)
    take(bureau, breach, "hear", statement="设施在仓库")
    assert take(bureau, breach, "dismiss")["next"] == []
    with closing(Organisation(stack, OTHER_BUREAU)) as stranger:
        assert stranger.get("approval-events", f"/v1/breaches/{breach}").status_code == 403
    _, reported = suspect(bureau, regulator, "诺3")
    page = eventually(
        lambda: (
            answer.json()
            if (answer := bureau.get("approval-events", f"/v1/breaches/{reported}")).status_code
            == 200
            else None
        ),
        "the suspicion in the ledger",
    )
    result = page["result_id"]
    report = {"result_id": result, "outcome": "breach_confirmed", "note": "已认定"}
    bureau.post("approval-events", "/v1/results:receive", {"by": "w", "result_ids": [result]})
    reports = {"by": "w", "reports": [report]}
    (unheard,) = bureau.post("approval-events", "/v1/results:report", reports).json()["refused"]
    assert unheard["status"] == 409
    assert f"{reported}:notify" in unheard["detail"]
    take(bureau, reported, "notify", hear_by=NEXT_WEEK)
    take(bureau, reported, "hear", statement="无异议")
    done = bureau.post("approval-events", "/v1/results:report", reports)
    assert done.json()["done"] == [result], done.text
    found = eventually(
        lambda: (
            page
            if (page := bureau.get("approval-events", f"/v1/breaches/{reported}").json())["state"]
            == "found"
            else None
        ),
        "the report as a finding",
    )
    assert found["next"] == ["warn", "sanction", "dismiss"]


def test_an_annulment_is_tied_to_the_act_that_annuls(
    bureau: Organisation, regulator: Organisation
) -> None:
    licence, breach = suspect(bureau, regulator, "诺4")
    take(bureau, breach, "notify", hear_by=NEXT_WEEK)
    take(bureau, breach, "hear", statement="无异议")
    take(bureau, breach, "find")
    number = "试审批撤〔2026〕4号"
    act = {"kind": "annulled", "document_number": number, "on": TODAY, "ground": "第六十九条"}
    annulled = bureau.post("approval-events", f"/v1/decisions/{licence}/acts", act)
    assert annulled.status_code == 202, annulled.text
    take(bureau, breach, "sanction", kind="annulment", document_number=number)
    step = regulator.told("breach-moved", step_type="linkage.action.breach-sanctioned.v1")["step"]
    assert step["data"]["decision_event_id"] == annulled.json()["event_id"]


def test_the_books_balance_with_breaches_in_them(running: RunningStack) -> None:
    books = audit(running.stack.kafka, running.stack.mongo, wait=20)
    assert books.unaccounted == []


FAR = (day_of(now()) + timedelta(days=60)).isoformat()


def test_a_repair_ends_the_breach_everywhere_and_its_revocation_brings_it_back(
    bureau: Organisation, regulator: Organisation
) -> None:
    breach, fact = found(bureau, regulator, "诺9")
    application = done(regulator, "repairs", form_for(fact))
    waiting = bureau.told("case-moved", step_type="linkage.credit.repair-applied.v1")
    assert waiting["clock"]["clock"] == "repair_decision"
    (line,) = bureau.get("credit", f"/v1/cases?state=waiting&due_by={FAR}").json()["cases"]
    assert (line["filed_id"], line["case_id"]) == (application, waiting["case_id"])
    assert line["due_on"] == waiting["clock"]["due_on"]

    decision = {"is_granted": True, "ground": "已整改"}
    granted = done(bureau, f"repairs/{application}/decisions", decision)
    assert state_once(bureau, breach, "repaired")["next"] == []
    sanction = STEP | {"kind": "credit_record"}
    refused = bureau.post("approval-events", f"/v1/breaches/{breach}:sanction", sanction)
    assert (refused.status_code, "已信用修复" in refused.json()["detail"]) == (409, True)
    for organisation in (bureau, regulator):
        changed = organisation.told("facts-changed", act_id=granted)
        assert (changed["change"], len(changed["effects"])) == ("repaired", 3)
    regulator.told("case-moved", step_type="linkage.credit.repaired.v1")
    read_back = eventually(lambda: told_of(bureau, granted) or None, "who was told of it")
    assert set(read_back) == {bureau.id, regulator.id}

    done(bureau, f"repair-decisions/{granted}/revocation", {"ground": "材料不实"})
    assert state_once(bureau, breach, "found")["next"] == ["warn", "sanction", "dismiss"]
    assert regulator.told("facts-changed", change="restored")["by"] == bureau.id


def found(bureau: Organisation, regulator: Organisation, number: str) -> tuple[str, str]:
    """A breach that the bureau found, and the fact that it is to credit."""
    _, breach = suspect(bureau, regulator, number)
    take(bureau, breach, "notify", hear_by=NEXT_WEEK)
    take(bureau, breach, "hear", statement="无异议")
    result = take(bureau, breach, "find")["result_id"]

    def confirmed() -> str | None:
        facts = bureau.get("credit", f"/v1/parties/{PARTY}/facts").json()["facts"]
        own = [one for one in facts if one["result_id"] == result]
        return next((f["fact_id"] for f in own if f["kind"] == "breach_confirmed"), None)

    return breach, eventually(confirmed, "the confirmed breach in credit")


def form_for(fact: str) -> dict[str, Any]:
    """信用修复一件事."""
    material = {"name": "整改报告", "uri": "https://materials.example/1", "sha256": "0" * 64}
    said = {"ground": "已整改", "commitment": "承诺守法诚信经营"}
    return said | {"facts": [fact], "materials": [material]}


def told_of(bureau: Organisation, repair: str) -> dict[str, str]:
    """Who was told of a repair, and when, as it is read back from the application."""
    shown = bureau.get("credit", f"/v1/parties/{PARTY}/repairs").json()["applications"]
    decisions = [one for each in shown for one in each["decisions"]]
    (decision,) = [one for one in decisions if one["event_id"] == repair]
    return {one["organisation"]: one["at"] for one in decision["told"]}


def done(organisation: Organisation, path: str, body: dict[str, Any]) -> str:
    """An act on the party's credit facts; what it acts upon may be read a moment later."""

    def look() -> str | None:
        answer = organisation.post("credit", f"/v1/parties/{PARTY}/{path}", body)
        if answer.status_code == 404:
            return None
        assert answer.status_code in {200, 202}, answer.text
        return str(answer.json()["event_id"])

    return eventually(look, path)


def state_once(bureau: Organisation, breach: str, state: str) -> dict[str, Any]:
    """The breach, once it stands there."""

    def look() -> dict[str, Any] | None:
        page = bureau.get("approval-events", f"/v1/breaches/{breach}").json()
        return dict(page) if page["state"] == state else None

    return eventually(look, f"the breach {state}")

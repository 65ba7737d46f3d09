"""Both loops with every process started, as a department and a regulator would live them."""

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from linkage_contracts.identity import is_resident_id
from linkage_runtime.books.audit import audit
from linkage_runtime.demo.acts import lose_a_push
from linkage_runtime.stack.local import RunningStack, Stack
from tests.story.organisations import (
    BUREAU,
    FIRE,
    FOOD_LICENCE,
    OFF_CATALOGUE,
    OTHER_BUREAU,
    OVERSIGHT,
    REGULATOR,
    TODAY,
    Organisation,
    decision,
    eventually,
)

pytestmark = pytest.mark.story


@pytest.fixture(scope="module")
def fire(stack: Stack) -> Iterator[Organisation]:
    with closing(Organisation(stack, FIRE)) as organisation:
        yield organisation


@pytest.fixture(scope="module")
def overseer(stack: Stack) -> Iterator[Organisation]:
    with closing(Organisation(stack, OVERSIGHT)) as organisation:
        yield organisation


def test_a_decision_comes_out_of_the_feed_is_received_and_shows_in_its_linkage(
    bureau: Organisation, regulator: Organisation
) -> None:
    accepted = bureau.decide("甲1")
    assert accepted.status_code == 202, accepted.text
    id_ = accepted.json()["decision_id"]
    begun = time.monotonic()
    told = regulator.told("push-opened", decision_id=id_)
    assert time.monotonic() - begun < 5
    assert told["decision"]["content"] == "热食类食品制售"
    regulator.act("pushes:receive", push_ids=[told["push_id"]])
    linkage = eventually(
        lambda: (
            bureau.linkage(id_)
            if any(push.get("received_at") for push in bureau.linkage(id_).get("pushes", ()))
            else None
        ),
        "the receipt in the linkage",
    )
    assert linkage["state"] == "open"
    assert "linkage.push.received.v1" in {step["what"] for step in linkage["story"]}


def test_a_linkage_closes_when_both_loops_have_ended_and_not_before(
    bureau: Organisation, regulator: Organisation
) -> None:
    id_ = bureau.decide("乙1").json()["decision_id"]
    push = regulator.told("push-opened", decision_id=id_)["push_id"]
    regulator.act("pushes:receive", push_ids=[push])
    regulator.act("pushes:enrol", push_ids=[push])
    found = regulator.post(
        "supervision-push",
        "/v1/results",
        {
            "type": "inspection",
            "push_id": push,
            "found_on": TODAY,
            "summary": "首次检查",
            "outcome": "fails",
            "treatment": "rectify",
            "request": {"action": "restrict", "ground": "检查不符合"},
        },
    )
    assert found.status_code == 202, found.text
    result = found.json()["result_id"]
    row = {"push_id": push, "duty": "inspection", "outcome": "fails", "result_id": result}
    regulator.act("pushes:feed-back", feedback=[row])
    bureau.told("result-forwarded", result_id=result)
    assert bureau.linkage(id_)["state"] == "open"
    bureau_acts(bureau, "receive", result_ids=[result])
    regulator.told("result-received", result_id=result)
    report = {"result_id": result, "outcome": "restricted", "note": "已限制"}
    bureau_acts(bureau, "report", reports=[report])
    regulator.told("action-reported", result_id=result)
    linkage = eventually(
        lambda: bureau.linkage(id_) if bureau.linkage(id_)["state"] == "closed" else None,
        "the closed linkage",
    )
    assert linkage["results"]


def test_one_trace_leads_from_a_result_to_the_report_on_the_supervisors_feed(
    bureau: Organisation, regulator: Organisation
) -> None:
    id_ = bureau.decide("乙2").json()["decision_id"]
    push = regulator.told("push-opened", decision_id=id_)["push_id"]
    clue = {"type": "risk_clue", "push_id": push, "found_on": TODAY, "summary": "线索"}
    clue |= {"request": {"action": "restrict", "ground": "线索属实"}}
    result = regulator.post("supervision-push", "/v1/results", clue).json()["result_id"]
    bureau.told("result-forwarded", result_id=result)
    bureau_acts(bureau, "receive", result_ids=[result])
    report = {"result_id": result, "outcome": "restricted", "note": "已限制"}
    bureau_acts(bureau, "report", reports=[report])
    regulator.told("action-reported", result_id=result)
    traces = [
        {one["type"]: one.get("traceparent") for one in who.entries() if result in str(one["data"])}
        for who in (bureau, regulator)
    ]
    told = traces[0] | traces[1]
    assert {f"linkage.feed.{one}.v1" for one in ("result-forwarded", "action-reported")} <= {*told}
    assert len({*told.values()}) == 1
    assert None not in told.values()


def bureau_acts(bureau: Organisation, verb: str, **body: object) -> None:
    """An act on results; the ledger may know of a result a moment after the feed does."""

    def look() -> bool | None:
        answer = bureau.post(
            "approval-events", f"/v1/results:{verb}", {"by": "window-3", **body}
        ).json()
        assert {row["status"] for row in answer["refused"]} <= {404}
        return bool(answer["done"]) or None

    eventually(look, f"{verb} of a result")


def test_a_returned_push_goes_to_the_authority_that_was_named(
    bureau: Organisation, regulator: Organisation, fire: Organisation
) -> None:
    id_ = bureau.decide("丙1").json()["decision_id"]
    push = regulator.told("push-opened", decision_id=id_)["push_id"]
    regulator.act("pushes:return", push_ids=[push], reason="不属本单位职责", suggested=FIRE)
    rerouted = fire.told("push-opened", decision_id=id_, rerouted_from=REGULATOR)
    fire.act("pushes:receive", push_ids=[rerouted["push_id"]])
    late = regulator.post(
        "supervision-push", "/v1/pushes:receive", {"push_ids": [push], "by": "clerk-07"}
    ).json()
    assert [row["status"] for row in late["refused"]] == [409]


def test_a_broken_rule_is_answered_judged_and_closed_by_a_correction(
    bureau: Organisation, overseer: Organisation
) -> None:
    late = {"accepted_on": (date.fromisoformat(TODAY) - timedelta(days=20)).isoformat()}
    accepted = bureau.decide("预1", items=[OFF_CATALOGUE]).json()
    [off] = accepted["irregularities"]
    [slow] = bureau.decide("预2", **late).json()["irregularities"]
    assert (off["rule"], slow["rule"]) == ("off_catalogue", "decided_after_promise")
    for organisation in (bureau, overseer):
        told = organisation.told("irregular", decision_id=accepted["decision_id"])
        assert told["clock"]["clock"] == "finding_answer"
        assert told["irregularities"][0]["finding_id"] == off["finding_id"]

    explained = {"kind": "explanation", "note": "申请人补正材料", "by": "window-3"}
    assert _finding(bureau, slow, "answer", **explained)["state"] == "answered"
    overseer.told("finding-answered", finding_id=slow["finding_id"], note="申请人补正材料")
    assert _finding(overseer, slow, "send-back", by="督查1号", reason="请附证明")["round"] == 1
    bureau.told("finding-sent-back", finding_id=slow["finding_id"], reason="请附证明")
    _finding(bureau, slow, "answer", **explained | {"note": "申请人补正材料,附证明"})
    assert _finding(overseer, slow, "accept", by="督查1号")["state"] == "accepted"

    change = {
        "kind": "amended",
        "document_number": "试审批变〔2026〕预1号",
        "on": TODAY,
        "ground": "更正事项编码",
        "changes": {"items": [FOOD_LICENCE]},
    }
    path = f"/v1/decisions/{accepted['decision_id']}/acts"
    eventually(lambda: bureau.post("approval-events", path, change).is_success, "the amendment")
    closed = overseer.told("finding-closed", finding_id=off["finding_id"])
    assert closed["act_document_number"] == "试审批变〔2026〕预1号"
    story = bureau.linkage(accepted["decision_id"])
    assert [one["state"] for one in story["findings"]] == ["closed"]


def _finding(actor: Organisation, broken: dict[str, Any], verb: str, **said: Any) -> dict[str, Any]:
    """An act on a finding, as soon as the finding stands in the books."""
    path = f"/v1/findings/{broken['finding_id']}:{verb}"

    def act() -> httpx.Response | None:
        answer = actor.post("approval-events", path, said)
        return None if answer.status_code == httpx.codes.NOT_FOUND else answer

    answer = eventually(act, f"{verb} of a finding")
    assert answer.status_code == httpx.codes.OK, answer.text
    return dict(answer.json())


def test_what_nobody_is_competent_for_waits_in_the_pool_and_one_of_two_claims_wins(
    bureau: Organisation, regulator: Organisation, fire: Organisation
) -> None:
    accepted = bureau.decide("丁1", items=[OFF_CATALOGUE]).json()
    assert [row["rule"] for row in accepted["irregularities"]] == ["off_catalogue"]
    id_ = accepted["decision_id"]
    bureau.told("irregular", decision_id=id_)

    def waiting() -> str | None:
        rows = regulator.get("supervision-push", "/v1/pool").json()
        rows = rows if isinstance(rows, list) else rows["pool"]
        return next((row["pool_id"] for row in rows if row["decision_id"] == id_), None)

    pool_id = eventually(waiting, "the decision in the pool")
    body = {"pool_ids": [pool_id], "by": "clerk-07", "reason": "属本单位职责"}
    with ThreadPoolExecutor(2) as two:
        answers = list(
            two.map(
                lambda who: who.post("supervision-push", "/v1/pool:claim", body).json(),
                (regulator, fire),
            )
        )
    assert sorted(len(answer["done"]) for answer in answers) == [0, 1]
    assert [row["status"] for a in answers for row in a["refused"]] == [409]
    winner = regulator if answers[0]["done"] else fire
    winner.told("push-opened", decision_id=id_)


def test_a_confirmed_breach_annuls_recalls_and_bars_from_commitments(
    bureau: Organisation, regulator: Organisation
) -> None:
    party = {"kind": "legal_person", "name": "灵山县示例贸易有限公司", "code": "91450721XMGWE6001F"}
    promise = {"text": "承诺场所符合要求"}
    id_ = bureau.decide("戊1", party=party, commitment=promise).json()["decision_id"]
    push = regulator.told("push-opened", decision_id=id_)
    assert "commitment_check" in push["owes"]
    breach = regulator.post(
        "supervision-push",
        "/v1/results",
        {
            "type": "commitment_breach",
            "push_id": push["push_id"],
            "found_on": TODAY,
            "summary": "与承诺不符",
            "promise": promise["text"],
            "request": {"action": "annul", "ground": "违反告知承诺"},
        },
    ).json()["result_id"]
    suspicion = bureau.told("result-forwarded", result_id=breach)["breach_id"]
    bureau_acts(bureau, "receive", result_ids=[breach])
    act = {
        "kind": "annulled",
        "document_number": "试撤1号",
        "on": TODAY,
        "ground": "行政许可法第六十九条",
    }
    annulled = bureau.post("approval-events", f"/v1/decisions/{id_}/acts", act)
    assert annulled.status_code == 202, annulled.text
    report = {"result_id": breach, "outcome": "breach_confirmed", "note": "已撤销"}
    step = {
        "by": "window-3",
        "on": TODAY,
        "document_number": "试告1号",
        "ground": "国办发〔2020〕42号",
    }
    next_week = (date.fromisoformat(TODAY) + timedelta(days=7)).isoformat()
    more = {"notify": {"hear_by": next_week}, "hear": {"statement": "无异议"}}
    for verb, said in more.items():
        path = f"/v1/breaches/{suspicion}:{verb}"
        assert bureau.post("approval-events", path, step | said).status_code == 200
    bureau_acts(bureau, "report", reports=[report])
    regulator.told("push-recalled", decision_id=id_)
    regulator.told("push-opened", decision_id=id_, decision_type="linkage.decision.annulled.v1")

    question = {"party": party["code"], "item": FOOD_LICENCE, "use": "commitment"}

    def barred() -> bool | None:
        asked = bureau.post("credit", "/v1/eligibility", question).json()
        return True if asked["eligible"] is False and asked["bars"] else None

    eventually(barred, "the bar")

    def flagged() -> bool | None:
        number = f"戊{time.monotonic_ns()}"
        answer = bureau.decide(number, party=party, commitment=promise).json()
        return "commitment_barred" in {row["rule"] for row in answer["irregularities"]} or None

    eventually(flagged, "the flag on a commitment by a barred party")


def test_while_credit_hangs_or_is_gone_the_door_goes_by_what_it_told_and_says_so(
    running: RunningStack, bureau: Organisation
) -> None:
    promise = {"text": "经营场所符合食品安全要求", "verify_by": TODAY}
    credit = running.services.running["credit.api"]

    def said() -> tuple[str | None, float]:
        begun = time.monotonic()
        answer = bureau.decide(f"信{time.monotonic_ns()}", commitment=promise)
        assert answer.status_code == 202, answer.text
        trouble = answer.json().get("credit_unverified", {}).get("trouble")
        return trouble, time.monotonic() - begun

    assert said()[0] is None
    credit.child.signal(signal.SIGSTOP)
    try:
        trouble, seconds = said()
    finally:
        credit.child.signal(signal.SIGCONT)
    assert (trouble, seconds < 3) == ("timeout", True)
    eventually(lambda: said()[0] is None or None, "credit to be asked again")
    credit.child.kill()
    try:
        assert said()[0] == "unreachable"
    finally:
        credit.start()
        credit.await_ready()
    eventually(lambda: said()[0] is None or None, "credit to be asked again")


def test_the_same_again_is_known_and_another_content_is_a_conflict(bureau: Organisation) -> None:
    first = bureau.decide("己1")
    assert first.status_code == 202
    again = bureau.decide("己1")
    assert (again.status_code, again.json()["status"]) == (200, "known")
    other = bureau.decide("己1", content="冷食类食品制售")
    assert other.status_code == 409
    assert "content" in str(other.json()["differences"])


def test_one_bad_row_costs_no_good_one(bureau: Organisation) -> None:
    rows = [decision(BUREAU, f"庚{i}") for i in range(5)]
    rows[2]["party"] = {**rows[2]["party"], "code": "91450721MA55AMPL14"}
    answer = bureau.post("approval-events", "/v1/decisions:batch", rows).json()
    assert (answer["accepted"], answer["rejected"]) == (4, 1)
    (error,) = answer["results"][2]["errors"]
    assert error["pointer"] == "/party/code"
    assert error["zh"]
    assert error["en"]
    assert error["remedy_zh"]


def test_each_organisation_sees_and_does_only_its_own(
    stack: Stack, bureau: Organisation, regulator: Organisation
) -> None:
    nobody = httpx.get(f"{stack.urls['approval-events']}/v1/linkages", trust_env=False)
    assert nobody.status_code == 401
    assert nobody.headers["content-type"] == "application/problem+json"
    path = f"/v1/feeds/{FIRE}/entries"
    assert regulator.get("supervision-push", path).status_code == 403
    foreign = bureau.post("approval-events", "/v1/decisions", decision(OTHER_BUREAU, "辛1"))
    assert foreign.status_code in {403, 422}
    assert regulator.decide("辛2").status_code == 403


def test_an_id_number_is_in_clear_in_no_log_metric_message_span_or_view(
    running: RunningStack, bureau: Organisation, regulator: Organisation
) -> None:
    number = "450721190001010010"
    assert is_resident_id(number)
    person = {
        "kind": "natural_person",
        "name": "测试人",
        "id_type": "身份证",
        "id_number": number,
    }
    id_ = bureau.decide("壬1", party=person).json()["decision_id"]
    told = regulator.told("push-opened", decision_id=id_)
    assert told["decision"]["party"]["name"] != "测试人"
    eventually(lambda: bureau.linkage(id_), "the linkage")
    # In paths and queries too, where no route expects it, and in what is refused.
    for service, path in [("credit", f"/v1/ratings/{number}"), ("supervision-push", "/v1/pushes")]:
        assert not bureau.get(service, path, party=number, name="测试人").is_server_error
    assert bureau.decide("壬2", party=person, decided_on=number).status_code == 422
    for name, text in _everything_written(running):
        assert number not in text, name
        assert "测试人" not in text, name
    opened = bureau.post(
        "approval-events", f"/v1/decisions/{id_}/party:open", {"reason": "核对身份"}
    )
    assert number in opened.text


def _everything_written(running: RunningStack) -> Iterator[tuple[str, str]]:
    """Metrics, and the files of logs, access logs, spans, broker and database, by name."""
    for url in running.stack.metrics.values():
        yield url, httpx.get(url, trust_env=False).text
    files = [path for path in Path(running.stack.folder).rglob("*") if path.is_file()]
    assert {"logs", "access", "traces", "data"} <= {
        path.relative_to(running.stack.folder).parts[0] for path in files
    }
    for path in files:
        # Kafka's indexes are 10 MiB of offsets and times for each partition.
        if path.suffix not in {".index", ".timeindex"}:
            yield str(path), path.read_bytes().decode("utf-8", errors="ignore")


def test_the_books_balance_and_name_a_push_that_was_deleted_by_hand(stack: Stack) -> None:
    assert audit(stack.kafka, stack.mongo, wait=20).unaccounted == []
    lost = lose_a_push(stack)
    differences = audit(stack.kafka, stack.mongo, wait=0).unaccounted
    assert [(row.stage, row.id) for row in differences] == [("push", lost)]
    assert lost in str(differences[0])

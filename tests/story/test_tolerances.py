"""Missing materials with every process: a clock runs out, the bureau answers, credit follows."""

from datetime import timedelta
from typing import Any

import pytest

from linkage_contracts.ids import supplement_id
from linkage_runtime.books.audit import audit
from linkage_runtime.clock import day_of, now
from linkage_runtime.stack.local import RunningStack
from tests.story.organisations import BUREAU, PARTY, TODAY, Organisation, eventually

pytestmark = pytest.mark.story

FOOD_PRODUCTION = "000131901000"
"""食品生产许可: the licence only after the supplement."""
DUE = day_of(now()) - timedelta(days=10)
DECIDED = (DUE - timedelta(days=20)).isoformat()
MISSING = ["平面图"]


def tolerated(bureau: Organisation, number: str) -> tuple[str, str]:
    """A licence whose missing materials were due ten days ago; the licence, what it lacks."""
    answer = bureau.decide(
        number,
        items=[FOOD_PRODUCTION],
        decided_on=DECIDED,
        valid_from=DECIDED,
        tolerance={"missing": MISSING, "supplement_by": DUE.isoformat()},
    )
    assert answer.status_code == 202, answer.text
    rules = {one["rule"] for one in answer.json()["irregularities"]}
    assert "licence_before_supplement" in rules
    licence = answer.json()["decision_id"]
    return licence, supplement_id(licence, DUE, MISSING)


def shown(bureau: Organisation, supplement: str, state: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        answer = bureau.get("approval-events", f"/v1/tolerances/{supplement}")
        page = answer.json()
        return page if page.get("state") == state else None

    return eventually(look, f"{supplement} {state}")


def barred(bureau: Organisation) -> bool:
    question = {"party": PARTY, "use": "tolerance", "item": FOOD_PRODUCTION}
    asked = bureau.post("credit", "/v1/eligibility", question)
    assert asked.status_code == 200, asked.text
    return not asked.json()["eligible"]


def test_an_overdue_supplement_bars_the_party_until_it_turns_out_to_have_been_in_time(
    bureau: Organisation,
) -> None:
    _, supplement = tolerated(bureau, "容1")
    shown(bureau, supplement, "expired")
    eventually(lambda: barred(bureau) or None, "the bar")
    word = {"by": "window-3", "on": DUE.isoformat(), "note": "当日已收,补录"}
    said = bureau.post("approval-events", f"/v1/tolerances/{supplement}:supplement", word)
    assert (said.status_code, said.json()["state"]) == (200, "supplemented"), said.text
    eventually(lambda: not barred(bureau) or None, "the bar lifted")


def test_a_later_version_makes_it_formal_and_what_expired_is_terminated_and_counted(
    bureau: Organisation,
) -> None:
    licence, supplement = tolerated(bureau, "容2")
    act = {
        "kind": "amended",
        "document_number": "试审批变〔2026〕容2号",
        "on": TODAY,
        "ground": "补正完毕",
        "changes": {"tolerance": None},
    }
    eventually(
        lambda: (
            bureau.post("approval-events", f"/v1/decisions/{licence}/acts", act).status_code == 202
            or None
        ),
        "the formal version",
    )
    formal = shown(bureau, supplement, "formal")
    assert formal["steps"][-1]["what"] == "tolerance_supplemented"
    _, other = tolerated(bureau, "容3")
    shown(bureau, other, "expired")
    word = {"by": "w", "on": TODAY, "document_number": "终1号", "ground": "容缺受理告知书"}
    ended = bureau.post("approval-events", f"/v1/tolerances/{other}:terminate", word)
    assert (ended.status_code, ended.json()["state"]) == (200, "terminated"), ended.text
    (line,) = [
        one
        for one in bureau.get("approval-events", "/v1/reports/tolerances").json()["counts"]
        if (one["authority"], one["item"]) == (BUREAU, FOOD_PRODUCTION)
    ]
    assert (line["tolerances"], line["formal"], line["terminated"]) == (3, 1, 1)


def test_the_books_balance_with_tolerances_in_them(running: RunningStack) -> None:
    assert audit(running.stack.kafka, running.stack.mongo, wait=20).unaccounted == []

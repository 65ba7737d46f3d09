"""What the demo tries after the ordinary work: the rules for when something is not in order."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx

from linkage_runtime.clock import day_of, now
from linkage_runtime.command.connection import answered
from linkage_runtime.command.seed import ADMIN
from linkage_runtime.demo.cast import BUREAUS
from linkage_runtime.demo.desk import Shown, api_of
from linkage_runtime.demo.repairs import act_on_credit, apply_for_repair, show_repair
from linkage_runtime.errors import LinkageError
from linkage_runtime.mongo import connect, database
from linkage_runtime.stack.local import Stack

_COMMITMENT_ITEM = "000131902000"
"""食品经营许可, which allows commitments in the sample catalogue."""
_RACES = 40
_SETTLE_SECONDS = 15.0
_HEARD_SECONDS = 60.0


class NotReadError(LinkageError):
    """A service did not read in time what stands on the log."""


def show_the_rules(stack: Stack) -> list[Shown]:
    """Try a barred party, its repair, disputes, and two contents under one number."""
    barred = _barred_party(stack)
    shown = [_conflict(stack)]
    if barred is None:
        return shown
    party, bars = barred
    flagged = decide(stack, a_decision(party, "承诺", commitment={"text": "示例承诺"})).json()
    rules = ", ".join(row["rule"] for row in flagged["irregularities"])
    repaired = show_repair(stack, party, [bar["fact"] for bar in bars])
    return [
        *shown,
        Shown("失信未修复的主体能否适用告知承诺 eligibility of a barred party", "否 no"),
        Shown("仍以告知承诺办理 granted on a commitment all the same", f"接收并标记 {rules}"),
        Shown("信用修复后 after repair", "可 yes" if _becomes_eligible(stack, party) else "否 no"),
        *repaired,
        *_disputes(stack, party, flagged["decision_id"]),
    ]


def lose_a_push(stack: Stack) -> str:
    """Delete one push from the store by hand, as a careless person might."""
    return asyncio.run(_delete_one(stack.mongo))


async def _delete_one(mongo: str) -> str:
    client = connect(mongo)
    try:
        pushes = database(client, "supervision_push")["pushes"]
        lost = await pushes.find_one_and_delete({}, sort=[("_id", 1)])
    finally:
        client.close()
    return str(lost["_id"]) if lost else ""


def _barred_party(stack: Stack) -> tuple[str, list[dict[str, Any]]] | None:
    """A party whose broken commitment was confirmed, by asking credit as a counter would.

    A bureau hears the party first, so the topics may have been quiet before it was confirmed.
    """
    deadline = time.monotonic() + _HEARD_SECONDS
    with api_of(stack, "credit", BUREAUS[0]) as credit:
        while time.monotonic() < deadline:
            changes = answered(credit.get("/v1/class-changes", params={"limit": 200})).json()
            for party in dict.fromkeys(change["party"] for change in changes["changes"]):
                asked = answered(credit.post("/v1/eligibility", json=_question(party))).json()
                if not asked["eligible"]:
                    return party, asked["bars"]
            time.sleep(1)
    return None


def _question(party: str) -> dict[str, str]:
    return {"party": party, "item": _COMMITMENT_ITEM, "use": "commitment"}


def _fact(stack: Stack, party: str, event: str) -> str:
    """The fact that an act became, once the worker has read it."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    with api_of(stack, "credit", ADMIN) as credit:
        while time.monotonic() < deadline:
            facts = answered(credit.get(f"/v1/parties/{party}/facts")).json()["facts"]
            for fact in facts:
                if fact["event_id"] == event:
                    return str(fact["fact_id"])
            time.sleep(0.2)
    raise NotReadError(f"{event}: 未在时限内读到 (credit has not read it in time)")


def _disputes(stack: Stack, party: str, decision: str) -> list[Shown]:
    """Lists, objections, corrections and materials overdue, each undone again."""
    today = day_of(now())
    entry = act_on_credit(stack, party, "lists/industry_black", entered_on=today.isoformat())
    black = _fact(stack, party, entry)
    objection = act_on_credit(stack, party, f"facts/{black}/objections")
    suspended = _becomes_eligible(stack, party)
    act_on_credit(stack, party, f"objections/{objection}/decision", is_upheld=False)
    _withdrawn_objection(stack, party, black)
    act_on_credit(stack, party, f"list-entries/{black}/removal")
    yesterday = (today - timedelta(days=1)).isoformat()
    owed = {"decision_id": decision, "due_on": yesterday, "missing": ["健康证明"]}
    late = _fact(stack, party, act_on_credit(stack, party, "overdue-supplements", **owed))
    act_on_credit(stack, party, f"facts/{late}/corrections", occurred_on=today.isoformat())
    case = apply_for_repair(stack, party, [late])
    act_on_credit(stack, party, f"repairs/{case}/decisions", is_granted=False)
    act_on_credit(stack, party, f"facts/{late}/withdrawal")
    came = "暂停使用,再驳回,移出 suspended, then rejected, then removed"
    return [Shown("列入行业黑名单,提出异议 listed, and disputed", came if suspended else "否 no")]


def _withdrawn_objection(stack: Stack, party: str, fact: str) -> None:
    """Dispute it for another reason, and think better of it."""
    objection = act_on_credit(stack, party, f"facts/{fact}/objections", ground="示例:另一理由")
    act_on_credit(stack, party, f"objections/{objection}/withdrawal")


def _becomes_eligible(stack: Stack, party: str) -> bool:
    deadline = time.monotonic() + _SETTLE_SECONDS
    with api_of(stack, "credit", BUREAUS[0]) as credit:
        while time.monotonic() < deadline:
            asked = answered(credit.post("/v1/eligibility", json=_question(party))).json()
            if asked["eligible"]:
                return True
            time.sleep(0.2)
    return False


def a_decision(party: str, number: str, **more: object) -> dict[str, Any]:
    """A decision of today, as its bureau sends it."""
    today = day_of(now()).isoformat()
    return {
        "kind": "granted",
        "authority": BUREAUS[0],
        "document_number": f"示审批〔2026〕{number}号",
        "document_title": "食品经营许可决定书",
        "category": "普通",
        "content": "预包装食品销售",
        "decided_on": today,
        "valid_from": today,
        "valid_until": None,
        "party": {"kind": "legal_person", "name": "灵山县示例商贸有限公司", "code": party},
        "items": [_COMMITMENT_ITEM],
    } | more


def decide(stack: Stack, decision: dict[str, Any]) -> httpx.Response:
    """Send one decision in the bureau's name."""
    with api_of(stack, "approval-events", BUREAUS[0]) as approval:
        return approval.post("/v1/decisions", json=decision)


def _conflict(stack: Stack) -> Shown:
    """Send two contents under one number at the same moment, until both get past the door."""
    party = "91450721XMGWE6001F"
    codes: list[int] = []
    with ThreadPoolExecutor(2) as pair:
        for race in range(_RACES):
            one = a_decision(party, f"并发{race}")
            bodies = (one, one | {"content": "另一内容"})
            answers = pair.map(lambda body: decide(stack, body), bodies)
            codes = [answer.status_code for answer in answers]
            if codes == [202, 202]:
                break
    door = "同时发出,均被接收,台账保留二者并告知 both accepted, the ledger keeps both and tells"
    came = door if codes == [202, 202] else "后者 409 the second got 409"
    return Shown("同号两种内容 two contents under one number", came)

"""What the demo tries with tolerances (容缺): one supplemented in time, one expired and ended."""

from datetime import date, timedelta
from typing import Any

import httpx

from linkage_contracts.ids import supplement_id
from linkage_runtime.clock import day_of, now
from linkage_runtime.command.connection import answered
from linkage_runtime.demo.acts import a_decision, decide
from linkage_runtime.demo.cast import BUREAUS
from linkage_runtime.demo.desk import Shown, api_of
from linkage_runtime.demo.patience import until
from linkage_runtime.stack.local import Stack

_PARTY = "91450721XMGWE6001F"
_WAITING_ITEM = "000131901000"
"""食品生产许可: the licence only after the supplement."""
_MISSING = ("示例:平面图",)


def show_tolerances(stack: Stack) -> list[Shown]:
    """Let two terms run out, then say of one that it had been in time, and end the other."""
    due = day_of(now()) - timedelta(days=10)
    in_time, ended = (_tolerated(stack, number, due) for number in ("容甲", "容乙"))
    with api_of(stack, "approval-events", BUREAUS[0]) as api:
        expired = [_state_once(api, one, "expired") for one in (in_time, ended)]
        word: dict[str, Any] = {"by": "window-3", "on": due.isoformat()}
        supplemented = answered(api.post(f"/v1/tolerances/{in_time}:supplement", json=word)).json()
        word |= {"document_number": "示审批终〔2026〕1号", "ground": "示例:容缺受理告知书"}
        word["on"] = day_of(now()).isoformat()
        terminated = answered(api.post(f"/v1/tolerances/{ended}:terminate", json=word)).json()
        counts = answered(api.get("/v1/reports/tolerances")).json()["counts"]
    ended_so = sum(line["terminated"] for line in counts)
    return [
        Shown("容缺到期 supplements overdue", ", ".join(expired)),
        Shown("补录:当时已补正 recorded late, had been in time", supplemented["state_name"]),
        Shown("逾期终止 expired and terminated", f"{terminated['state_name']}, 共 {ended_so}"),
    ]


def _tolerated(stack: Stack, number: str, due: date) -> str:
    decided_on = (due - timedelta(days=20)).isoformat()
    body = a_decision(
        _PARTY,
        number,
        items=[_WAITING_ITEM],
        decided_on=decided_on,
        valid_from=decided_on,
        tolerance={"missing": list(_MISSING), "supplement_by": due.isoformat()},
    )
    licence = answered(decide(stack, body)).json()["decision_id"]
    return supplement_id(licence, due, _MISSING)


def _state_once(api: httpx.Client, supplement: str, state: str) -> str:
    """The state by its name, once it is this one: the clock fires within a second or two."""
    shown = until(
        lambda: api.get(f"/v1/tolerances/{supplement}"),
        lambda response: response.json().get("state") == state,
    )
    return str(answered(shown).json()["state_name"])

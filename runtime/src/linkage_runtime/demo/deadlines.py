"""What the demo tries with deadlines: more time for a reason, and an answer to an escalation."""

from typing import Any

import httpx

from linkage_runtime.command.connection import answered, client
from linkage_runtime.command.seed import ADMIN, PLATFORM
from linkage_runtime.demo.cast import BUREAUS, REGULATORS
from linkage_runtime.demo.desk import Shown
from linkage_runtime.stack.local import Stack

_CLERK = "clerk-07"
_OVERSIGHT = "11450700XN07000270"
"""The sample's 监督 authority."""


def show_deadlines(stack: Stack) -> list[Shown]:
    """Extend a deadline of a push that nobody works on, and answer the first escalation."""
    return [_extend(stack), _answer(stack)]


def _extend(stack: Stack) -> Shown:
    what = "延期 a deadline extended for a reason"
    for organisation in _without_a_program(stack):
        with _api(stack, organisation) as api:
            waiting = answered(api.get("/v1/pushes", params={"state": "open", "limit": 50})).json()
            for push in waiting["pushes"]:
                if push["clocks"] and all(clock["level"] == 0 for clock in push["clocks"]):
                    return Shown(what, _extended(api, push))
    return Shown(what, "没有待签收的推送 no push waits for a receipt")


def _extended(api: httpx.Client, push: dict[str, Any]) -> str:
    clock = push["clocks"][0]
    path = f"/v1/pushes/{push['push_id']}/clocks/{clock['clock']}:extend"
    body = {"by": _CLERK, "reason": "示例:台风停工", "working_days": 3}
    answered(api.post(path, json=body))
    after = answered(api.get(f"/v1/pushes/{push['push_id']}")).json()
    due_on = next(one["due_on"] for one in after["clocks"] if one["clock"] == clock["clock"])
    return f"{clock['due_on']} → {due_on}, 双方均获知 both sides are told"


def _answer(stack: Stack) -> Shown:
    what = "督办答复 an escalation answered"
    with _api(stack, _OVERSIGHT) as api:
        answered_no = {"answered": "false", "limit": "1"}
        unanswered = answered(api.get("/v1/escalations", params=answered_no)).json()["escalations"]
    if not unanswered:
        return Shown(what, "无督办 nothing was escalated")
    first = unanswered[0]
    body = {"by": _CLERK, "explanation": "示例:联络员调离", "measures": "示例:已另派联络员"}
    with _api(stack, first["organisation"]) as api:
        answered(api.post(f"/v1/escalations/{first['escalation_id']}:answer", json=body))
    return Shown(what, "督办单位获知 the superior is told")


def _without_a_program(stack: Stack) -> list[str]:
    played = {*BUREAUS, *(regulator.organisation for regulator in REGULATORS), ADMIN, PLATFORM}
    return [organisation for organisation in stack.keys if organisation not in played]


def _api(stack: Stack, holder: str) -> httpx.Client:
    return client(stack.urls["supervision-push"], stack.keys[holder])

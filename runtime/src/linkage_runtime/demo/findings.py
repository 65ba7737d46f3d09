"""What the demo tries with findings (预警纠错): a late decision, a correction, verdicts."""

from datetime import timedelta
from typing import Any

import httpx

from linkage_contracts.catalogue import Authority
from linkage_runtime.catalogue_store import read_catalogue
from linkage_runtime.clock import day_of, now
from linkage_runtime.command.connection import answered
from linkage_runtime.demo.acts import a_decision, decide
from linkage_runtime.demo.cast import BUREAUS
from linkage_runtime.demo.desk import Shown, api_of
from linkage_runtime.demo.patience import known, until
from linkage_runtime.stack.folder import deploy_folder
from linkage_runtime.stack.local import Stack

_PARTY = "91450721XMGWE6001F"
_OFF_CATALOGUE, _FOOD = "000199999000", "000131902000"
_LONG_AGO = timedelta(days=60)


def show_findings(stack: Stack) -> list[Shown]:
    """Break rules of approval, correct one, and judge what the bureaus answered."""
    today = day_of(now())
    late = a_decision(_PARTY, "超期", accepted_on=(today - _LONG_AGO).isoformat())
    flagged = answered(decide(stack, late)).json()["irregularities"]
    with api_of(stack, "approval-events", _overseer().id) as api:
        corrected = _correct(stack, api)
        judged = _judge(api)
    return [
        Shown("超期作出的决定 decided late", ", ".join(one["rule"] for one in flagged)),
        Shown("清单之外,更正后 off the list, then corrected", corrected),
        *judged,
    ]


def _overseer() -> Authority:
    return read_catalogue(deploy_folder() / "catalogue").oversight[0]


def _correct(stack: Stack, api: httpx.Client) -> str:
    """Grant an item off the list, then amend it: the finding closes by itself."""
    granted = answered(decide(stack, a_decision(_PARTY, "更正", items=[_OFF_CATALOGUE]))).json()
    change = {
        "kind": "amended",
        "document_number": "示审批变〔2026〕更正号",
        "on": day_of(now()).isoformat(),
        "ground": "示例:更正事项编码",
        "changes": {"items": [_FOOD]},
    }
    with api_of(stack, "approval-events", BUREAUS[0]) as bureau:
        known(lambda: bureau.post(f"/v1/decisions/{granted['decision_id']}/acts", json=change))
    finding_id = granted["irregularities"][0]["finding_id"]
    return _state_once(api, finding_id, {"closed", "accepted"})


def _judge(api: httpx.Client) -> list[Shown]:
    """Send one answer back, accept the others, and the one when it is answered again."""
    found = until(
        lambda: api.get("/v1/findings", params={"state": "answered", "limit": 200}),
        lambda response: bool(answered(response).json()["findings"]),
    )
    ids = [one["finding_id"] for one in found.json()["findings"]]
    if not ids:
        return [Shown("审批部门的答复 answers of the bureaus", "无 none")]
    first, *others = ids
    body = {"by": "督查1号", "reason": "示例:请补充更正文书"}
    answered(api.post(f"/v1/findings/{first}:send-back", json=body))
    accepted = _accept(api, others)
    again = _state_once(api, first, {"answered"})
    accepted += _accept(api, [first])
    return [
        Shown("退回的答复 an answer that was sent back", f"再答复 again {again}"),
        Shown("认可的答复 answers accepted", str(accepted)),
    ]


def _accept(api: httpx.Client, ids: list[str]) -> int:
    if not ids:
        return 0
    body: dict[str, Any] = {"by": "督查1号", "finding_ids": ids}
    return len(answered(api.post("/v1/findings:accept", json=body)).json()["done"])


def _state_once(api: httpx.Client, finding_id: str, states: set[str]) -> str:
    response = until(
        lambda: api.get(f"/v1/findings/{finding_id}"),
        lambda response: response.json().get("state") in states,
    )
    return str(response.json().get("state"))

"""What the demo tries with commitments (告知承诺): one mended, one dismissed, one annulled."""

from datetime import timedelta
from typing import Any

import httpx

from linkage_contracts.ids import breach_id
from linkage_runtime.clock import day_of, now
from linkage_runtime.command.connection import answered
from linkage_runtime.demo.acts import a_decision, decide
from linkage_runtime.demo.cast import BUREAUS
from linkage_runtime.demo.desk import Shown, api_of
from linkage_runtime.demo.patience import known, until
from linkage_runtime.stack.local import Stack

_PARTY = "91450721XMGWE6001F"
_MARKET = "11450721XN0721119Y"
"""灵山县市场监督管理局, which no program plays."""


def show_breaches(stack: Stack) -> list[Shown]:
    """Three promises that supervision holds to be broken, and what the bureau makes of each."""
    licences = [_licence(stack, number) for number in ("诺甲", "诺乙", "诺丙")]
    mended, dismissed, annulled = (_suspect(stack, licence) for licence in licences)
    next_week = (day_of(now()) + timedelta(days=7)).isoformat()
    with api_of(stack, "approval-events", BUREAUS[0]) as api:
        for breach in (mended, dismissed, annulled):
            _take(api, breach, "notify", hear_by=next_week)
            _take(api, breach, "hear", statement="示例:已着手整改")
        _take(api, mended, "find")
        _take(api, mended, "warn", mend_by=next_week)
        _take(api, annulled, "find")
        ladder = {
            "mended": _take(api, mended, "mend"),
            "dismissed": _take(api, dismissed, "dismiss"),
            "annulled": _sanction(api, annulled, licences[2]),
        }
    return [
        Shown("违诺:告知、听取、认定、警示、整改 a breach up the whole ladder", ladder["mended"]),
        Shown("违诺不成立 a breach dismissed", ladder["dismissed"]),
        Shown("违诺撤销许可 a breach that annuls the licence", ladder["annulled"]),
    ]


def _licence(stack: Stack, number: str) -> str:
    commitment = {"text": "示例:三十日内配齐消防设施", "method": "实地核查"}
    body = a_decision(_PARTY, number, commitment=commitment)
    return str(answered(decide(stack, body)).json()["decision_id"])


def _suspect(stack: Stack, licence: str) -> str:
    found = {
        "type": "commitment_breach",
        "decision_id": licence,
        "found_on": day_of(now()).isoformat(),
        "summary": "示例:经核查与承诺不符",
        "promise": "三十日内配齐消防设施",
        "document_number": f"示监诺〔2026〕{licence[:8]}号",
    }
    with api_of(stack, "supervision-push", _MARKET) as api:
        answer = answered(known(lambda: api.post("/v1/results", json=found))).json()
    return breach_id(answer["result_id"])


def _take(api: httpx.Client, breach: str, verb: str, **said: object) -> str:
    """One step of the ladder, and where the breach stands then."""
    step: dict[str, Any] = {
        "by": "window-3",
        "on": day_of(now()).isoformat(),
        "document_number": f"示审批违〔2026〕{breach[:8]}号",
        "ground": "示例:国办发〔2020〕42号",
    }
    answer = known(lambda: api.post(f"/v1/breaches/{breach}:{verb}", json=step | said))
    return str(answered(answer).json()["state_name"])


def _sanction(api: httpx.Client, breach: str, licence: str) -> str:
    """Annul the licence, then tie the breach to the act that annuls it."""
    number = f"示审批撤〔2026〕{breach[:8]}号"
    act = {
        "kind": "annulled",
        "document_number": number,
        "on": day_of(now()).isoformat(),
        "ground": "行政许可法第六十九条",
    }
    answered(known(lambda: api.post(f"/v1/decisions/{licence}/acts", json=act)))

    def tie() -> httpx.Response:
        body = {"kind": "annulment", "document_number": number}
        step = {"by": "window-3", "on": act["on"], "ground": "示例:国办发〔2020〕42号"}
        return api.post(f"/v1/breaches/{breach}:sanction", json=step | body)

    # The act is on the log; the books have it a moment later.
    tied = until(tie, lambda response: response.status_code != httpx.codes.UNPROCESSABLE_ENTITY)
    return str(answered(tied).json()["state_name"])

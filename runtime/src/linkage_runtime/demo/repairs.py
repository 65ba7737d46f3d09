"""What the demo tries with credit repair: withdrawn, granted, revoked, granted again, and told."""

from typing import Any

import httpx

from linkage_runtime.command.connection import answered
from linkage_runtime.command.seed import ADMIN
from linkage_runtime.demo.desk import Shown, api_of
from linkage_runtime.demo.patience import known, until
from linkage_runtime.stack.local import Stack

_GROUND = "示例:依法办理"


def show_repair(stack: Stack, party: str, facts: list[str]) -> list[Shown]:
    """Repair what bars a party: an application withdrawn, a repair revoked, one that stands."""
    withdrawn = apply_for_repair(stack, party, facts)
    _read(stack, party, act_on_credit(stack, party, f"repairs/{withdrawn}/withdrawal"))
    wrong = _granted(stack, party, facts)
    _read(stack, party, act_on_credit(stack, party, f"repair-decisions/{wrong}/revocation"))
    step = _read(stack, party, _granted(stack, party, facts), told=True)
    told = {one["organisation"] for one in step["told"]}
    return [Shown("信用修复已告知 told of the repair", f"{len(told)} 个单位 organisations")]


def act_on_credit(stack: Stack, party: str, path: str, **body: object) -> str:
    """An act of the credit office, again until the worker has read what it acts upon."""
    with api_of(stack, "credit", ADMIN) as credit:
        url, said = f"/v1/parties/{party}/{path}", {"ground": _GROUND} | body
        return str(answered(known(lambda: credit.post(url, json=said))).json()["event_id"])


def apply_for_repair(stack: Stack, party: str, facts: list[str]) -> str:
    """Apply for credit repair (信用修复一件事); returns the application."""
    material = {"name": "整改报告", "uri": "https://materials.example/1", "sha256": "0" * 64}
    form = {"facts": facts, "commitment": "承诺守法诚信经营", "materials": [material]}
    return act_on_credit(stack, party, "repairs", **form)


def _granted(stack: Stack, party: str, facts: list[str]) -> str:
    """Apply for repair, and grant it; returns the decision."""
    case = apply_for_repair(stack, party, facts)
    return act_on_credit(stack, party, f"repairs/{case}/decisions", is_granted=True)


def _read(stack: Stack, party: str, event: str, *, told: bool = False) -> dict[str, Any]:
    """The act in the story of the party's applications, once it is there, or was told too."""

    def step(answer: httpx.Response) -> dict[str, Any]:
        stories = [one["story"] for one in answered(answer).json()["applications"]]
        steps = {step["event_id"]: step for story in stories for step in story}
        return dict(steps.get(event, {}))

    with api_of(stack, "credit", ADMIN) as credit:
        shown = until(
            lambda: credit.get(f"/v1/parties/{party}/repairs"),
            lambda answer: bool(step(answer).get("told") if told else step(answer)),
        )
    return step(shown)

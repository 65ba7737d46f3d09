"""A push as the 待办 sheet tells it: from what the API shows of it, in the words of clerks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from linkage_contracts.codes import Duty
from linkage_runtime.clock import SHANGHAI
from supervision_push.adapters.sheets.sheet_columns import CLOCKS, DUTIES
from supervision_push.domain.clocks import Level
from supervision_push.domain.steps import PushState


def todo_row(push: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """Cells by column key.

    Args:
        push: as ``PushViews`` shows it; a natural person's name is masked in it already.
        names: of authorities, by code.
    """
    receipt = push.get("receipt")
    return {
        "push_id": push["push_id"],
        "state": PushState(push["state"]).chinese,
        "party": push["party"]["name"],
        "items": "、".join(item["name"] for item in push.get("items", ())),
        "document_number": push.get("document_number", ""),
        "decided_on": push.get("decided_on", ""),
        "authority": names.get(push["authority"], push["authority"]),
        "received_at": _minute(receipt["at"]) if receipt else "",
        "owed": "、".join(DUTIES[duty] for duty in push["owes"] if not _is_done(push, duty)),
        "due": ";".join(_due(one) for one in push["clocks"] if "stopped_at" not in one),
    }


def _is_done(push: Mapping[str, Any], duty: str) -> bool:
    match duty:
        case Duty.NOTICE:
            return "delivery" in push or "receipt" in push
        case Duty.RECEIPT:
            return "receipt" in push
        case Duty.ENROLMENT:
            return "enrolment" in push
        case _:
            return any(one["duty"] == duty for one in push.get("feedback", ()))


def _due(clock: Mapping[str, Any]) -> str:
    late = "(已超期)" if clock["level"] >= Level.OVERDUE else ""
    provisional = "(暂定)" if clock.get("provisional") else ""
    return f"{CLOCKS[clock['clock']]} {clock['due_on']}{provisional}{late}"


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"

"""What becomes of each decision of the load: its number says it, so we know what must come out."""

import re
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from tests.benchmark.load import party_code
from tests.story.organisations import BUREAU, FOOD_LICENCE, TODAY

PARTIES = 40
"""Few, so that each has a sequence of decisions whose order can be told."""
OFF_CATALOGUE = "000199999000"
# The check of a commitment is due two months after the decision.
_LONG_AGO = (date.fromisoformat(TODAY) - timedelta(days=120)).isoformat()
_NUMBER = re.compile(r"故障许〔2026〕(\d+)号")


class Fate(StrEnum):
    """The way of one decision."""

    RECEIVED = "received"
    ENROLLED = "enrolled"
    INSPECTED = "inspected"
    """The whole double loop: receipt, enrolment, result, receipt of it, report: closed."""
    AMENDED = "amended"
    """变更 after its acceptance: a second push."""
    REROUTED = "rerouted"
    """Returned, naming the fire brigade."""
    POOLED = "pooled"
    """Returned, naming nobody."""
    UNROUTED = "unrouted"
    """No authority is competent."""
    COMMITTED = "committed"
    """On a commitment that should have been checked long ago: its deadline is over."""


_BY_LAST_DIGIT = (
    *(Fate.RECEIVED, Fate.INSPECTED, Fate.AMENDED, Fate.REROUTED, Fate.COMMITTED),
    *(Fate.ENROLLED, Fate.POOLED, Fate.INSPECTED, Fate.UNROUTED, Fate.COMMITTED),
)


def fate_of(number: int) -> Fate:
    """What becomes of the decision with this number."""
    return _BY_LAST_DIGIT[number % len(_BY_LAST_DIGIT)]


def party_of(number: int) -> str:
    """The code of its party; every fate comes to every party."""
    return party_code(number // len(_BY_LAST_DIGIT) % PARTIES)


def number_in(document_number: str) -> int | None:
    """The number of a decision of this load, from its document number."""
    found = _NUMBER.fullmatch(document_number)
    return int(found[1]) if found else None


def submission(number: int) -> dict[str, Any]:
    """The body by which the bureau emits it."""
    fate = fate_of(number)
    decided_on = _LONG_AGO if fate is Fate.COMMITTED else TODAY
    code = party_of(number)
    return {
        "kind": "granted",
        "authority": BUREAU,
        "document_number": f"故障许〔2026〕{number}号",
        "document_title": "食品经营许可决定书",
        "category": "普通",
        "content": "热食类食品制售",
        "decided_on": decided_on,
        "valid_from": decided_on,
        "party": {"kind": "legal_person", "name": f"合成企业{code[11:17]}", "code": code},
        "items": [OFF_CATALOGUE if fate is Fate.UNROUTED else FOOD_LICENCE],
        **({"commitment": {"text": "承诺场所符合要求"}} if fate is Fate.COMMITTED else {}),
    }


def amendment(number: int) -> dict[str, Any]:
    """The act that changes it."""
    return {
        "kind": "amended",
        "document_number": f"故障变〔2026〕{number}号",
        "on": TODAY,
        "ground": "申请变更",
        "changes": {"content": "热食类、冷食类食品制售"},
    }

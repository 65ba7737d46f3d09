"""Which rows of a table are special, and how: the shares are of all its rows."""

from dataclasses import dataclass
from random import Random

SHARES = {
    "duplicate": 0.005,
    "back_dated": 0.03,
    "multi_item": 0.04,
    "tolerance": 0.04,
    "no_item_code": 0.01,
    "off_catalogue": 0.004,
    "commitment_not_allowed": 0.004,
    "unknown_party": 0.005,
    "refused": 0.007,
    "amended": 0.005,
    "renewed": 0.005,
    "withdrawn": 0.0015,
    "annulled": 0.0015,
    "deregistered": 0.0025,
}
PLAIN_SHARES = {"duplicate": 0.007, "unknown_party": 0.007}

KINDS = {
    "refused": "不予",
    "amended": "变更",
    "renewed": "延续",
    "withdrawn": "撤回",
    "annulled": "撤销",
    "deregistered": "注销",
}
"""What the column 决定类型 says; blank is 准予."""

BREAKAGES = (
    ("uscc_check_digit", "XK_XDR_SHXYM"),
    ("resident_id_check_digit", "XK_XDR_ZJHM"),
    ("validity_reversed", "XK_YXQZI"),
    ("decision_in_future", "XK_JDRQ"),
    ("document_number_missing", "XK_WSH"),
    ("party_name_missing", "XK_XDR_MC"),
)
"""Why a row is broken, and in which column."""


@dataclass(frozen=True, slots=True)
class Special:
    """What is special about a row; ``broken`` and ``column`` only where it must be rejected."""

    name: str
    broken: str = ""
    column: str = ""


ORDINARY = Special("ordinary")


def plan(rng: Random, rows: int, shares: dict[str, float], broken: float) -> dict[int, Special]:
    """Which rows are special: each kind at least once, but none of the first, to refer back to."""
    wanted = [
        Special(name)
        for name, share in shares.items()
        for _ in range(max(3 if name == "back_dated" else 1, round(rows * share)))
    ]
    breakages = max(1, round(rows * broken)) if broken else 0
    wanted += [Special("broken", *BREAKAGES[n % len(BREAKAGES)]) for n in range(breakages)]
    places = rng.sample(range(min(20, rows // 4), rows), len(wanted))
    return dict(zip(places, wanted, strict=True))

"""The ladder of a breach (违诺): where it can stand, and which step leads on from there.

Suspected (疑似) by supervision; the party told (告知) and heard (陈述申辩); found (认定) or
dismissed (不成立); warned with a term (警示, 限期整改); mended, or sanctioned (惩戒).
"""

from collections.abc import Mapping
from enum import StrEnum

from approval_events.domain.facts import FactKind


class BreachState(StrEnum):
    """Where a breach stands."""

    SUSPECTED = "suspected"
    RETURNED = "returned"
    NOTIFIED = "notified"
    HEARD = "heard"
    FOUND = "found"
    DISMISSED = "dismissed"
    WARNED = "warned"
    MENDED = "mended"
    SANCTIONED = "sanctioned"
    REPAIRED = "repaired"
    OVERTURNED = "overturned"


POSSIBLE: Mapping[BreachState, tuple[FactKind, ...]] = {
    BreachState.SUSPECTED: (FactKind.BREACH_NOTIFIED, FactKind.BREACH_DISMISSED),
    BreachState.RETURNED: (),
    BreachState.NOTIFIED: (FactKind.BREACH_HEARD, FactKind.BREACH_DISMISSED),
    BreachState.HEARD: (FactKind.BREACH_FOUND, FactKind.BREACH_DISMISSED),
    BreachState.FOUND: (
        *(FactKind.BREACH_WARNED, FactKind.BREACH_SANCTIONED, FactKind.BREACH_DISMISSED),
    ),
    BreachState.WARNED: (
        *(FactKind.BREACH_MENDED, FactKind.BREACH_SANCTIONED, FactKind.BREACH_DISMISSED),
    ),
    BreachState.MENDED: (),
    BreachState.SANCTIONED: (FactKind.BREACH_SANCTIONED,),
    BreachState.DISMISSED: (),
    BreachState.REPAIRED: (),
    BreachState.OVERTURNED: (),
}
"""What a bureau may do next. To dismiss what was found sets the finding aside; after one sanction
another of another kind may follow."""
OPEN = tuple(
    state for state, steps in POSSIBLE.items() if steps and state is not BreachState.SANCTIONED
)
STEPS: Mapping[FactKind, tuple[str, str]] = {
    FactKind.BREACH_NOTIFIED: ("告知", "notify"),
    FactKind.BREACH_HEARD: ("听取陈述申辩", "hear"),
    FactKind.BREACH_FOUND: ("认定", "find"),
    FactKind.BREACH_DISMISSED: ("认定不成立", "dismiss"),
    FactKind.BREACH_WARNED: ("警示整改", "warn"),
    FactKind.BREACH_MENDED: ("整改合格", "mend"),
    FactKind.BREACH_SANCTIONED: ("惩戒", "sanction"),
}
"""Every step that a bureau takes, as it is called and as the API's verb."""
CHANGES = (FactKind.BREACH_REPAIRED, FactKind.BREACH_RESTORED, FactKind.BREACH_OVERTURNED)
"""What credit says of it: repaired (信用修复), that revoked, or never so (异议成立、撤回)."""
KINDS = frozenset(
    {
        *(FactKind.BREACH_SUSPECTED, FactKind.BREACH_RETURNED, *STEPS, *CHANGES),
        *(FactKind.WARNED, FactKind.OVERDUE, FactKind.ESCALATED),
        *(FactKind.DEADLINE_CHANGED, FactKind.ESCALATION_ANSWERED),
    }
)
"""The facts that a breach is made of."""
STATES: Mapping[BreachState, str] = {
    BreachState.SUSPECTED: "疑似",
    BreachState.RETURNED: "已退回",
    BreachState.NOTIFIED: "已告知",
    BreachState.HEARD: "已听取陈述申辩",
    BreachState.FOUND: "已认定",
    BreachState.DISMISSED: "不成立",
    BreachState.WARNED: "限期整改",
    BreachState.MENDED: "已整改",
    BreachState.SANCTIONED: "已惩戒",
    BreachState.REPAIRED: "已信用修复",
    BreachState.OVERTURNED: "已撤销认定",
}
"""As clerks read them."""

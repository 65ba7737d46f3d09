"""A breach of a commitment (违反告知承诺), a linkage in its own right.

Suspected (疑似) by supervision; the party told (告知) and heard (陈述申辩); found (认定) or
dismissed (不成立); warned with a term (警示, 限期整改); mended, or sanctioned (惩戒). ``POSSIBLE``
is the order that commands keep to. What the log tells is merged in any order and never refused: of
older logs, a report that confirms it may come without a hearing; the API takes none any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from approval_events.domain.facts import Fact, FactKind
from approval_events.domain.matter import Matter
from approval_events.domain.refusals import OutOfOrderError, UnfitError
from linkage_contracts.codes import Clock


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
_LAST_FIRST = (
    (FactKind.BREACH_SANCTIONED, BreachState.SANCTIONED),
    (FactKind.BREACH_MENDED, BreachState.MENDED),
    (FactKind.BREACH_WARNED, BreachState.WARNED),
    (FactKind.BREACH_FOUND, BreachState.FOUND),
    (FactKind.BREACH_RETURNED, BreachState.RETURNED),
    (FactKind.BREACH_HEARD, BreachState.HEARD),
    (FactKind.BREACH_NOTIFIED, BreachState.NOTIFIED),
)
_VERDICTS: Mapping[FactKind, BreachState] = {
    FactKind.BREACH_FOUND: BreachState.FOUND,
    FactKind.BREACH_DISMISSED: BreachState.DISMISSED,
    FactKind.BREACH_OVERTURNED: BreachState.OVERTURNED,
}
KINDS = frozenset(
    {
        *(FactKind.BREACH_SUSPECTED, FactKind.BREACH_RETURNED, *STEPS, *CHANGES),
        *(FactKind.WARNED, FactKind.OVERDUE, FactKind.ESCALATED),
        *(FactKind.DEADLINE_CHANGED, FactKind.ESCALATION_ANSWERED),
    }
)
"""The facts that a breach is made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach(Matter):
    """One breach with all facts about it."""

    breach_id: str

    @property
    def raised(self) -> Fact | None:
        """What raised it; ``None`` while only later steps are known, which don't name the party.

        A report may find a commitment broken by any result, not only by one that says so.
        """
        reported = (fact for fact in self.of(FactKind.BREACH_FOUND) if "party" in fact.detail)
        return self.first(FactKind.BREACH_SUSPECTED) or next(reported, None)

    @property
    def state(self) -> BreachState:
        """The furthest step, unless the last verdict set it aside, or it was repaired."""
        verdict = max(
            (fact for kind in _VERDICTS for fact in self.of(kind)),
            key=lambda fact: fact.order,
            default=None,
        )
        if verdict is not None and verdict.kind is not FactKind.BREACH_FOUND:
            return _VERDICTS[verdict.kind]
        revoked = {fact.detail["repair_id"] for fact in self.of(FactKind.BREACH_RESTORED)}
        if any(fact.id not in revoked for fact in self.of(FactKind.BREACH_REPAIRED)):
            return BreachState.REPAIRED
        reached = (state for kind, state in _LAST_FIRST if self.of(kind))
        return next(reached, BreachState.SUSPECTED)

    @property
    def mend_by(self) -> date | None:
        """Until when it is to be mended: as warned, or as that deadline was moved since."""
        warned = self.first(FactKind.BREACH_WARNED)
        if warned is None:
            return None
        moved = self.due_as_moved(Clock.BREACH_MENDING)
        return moved or date.fromisoformat(warned.detail["mend_by"])

    def due_as_moved(self, clock: Clock) -> date | None:
        """The last day that a deadline was moved to, if it was."""
        moves = [
            fact for fact in self.of(FactKind.DEADLINE_CHANGED) if fact.detail["clock"] == clock
        ]
        return date.fromisoformat(moves[-1].detail["due_on"]) if moves else None

    def check(self, step: Fact, today: date) -> bool:
        """Whether this step is still to be taken; ``False`` if it was taken just so.

        Raises:
            OutOfOrderError: it does not follow from where the breach stands.
            UnfitError: a day that no such step can have.
        """
        if any(
            taken.key == step.key and taken.detail == step.detail for taken in self.of(step.kind)
        ):
            return False
        possible = POSSIBLE[self.state]
        taken = any(taken.key == step.key for taken in self.of(step.kind))
        if step.kind not in possible or taken:
            raise OutOfOrderError(self.breach_id, *_instead(self.state, possible))
        self._refuse_wrong_day(step, today)
        return True

    def check_confirmable(self, result_id: str) -> None:
        """Refuse a report on its result that confirms it before the party was heard (先听后认定).

        Raises:
            OutOfOrderError: no hearing is on record, or it was repaired or overturned since.
        """
        if self.state in {BreachState.REPAIRED, BreachState.OVERTURNED}:
            raise OutOfOrderError(result_id, *_instead(self.state, ()))
        if not self.of(FactKind.BREACH_HEARD):
            raise OutOfOrderError(
                result_id,
                "outcome=breach_confirmed:未听取陈述申辩,不得认定;请先办理 "
                f"/v1/breaches/{self.breach_id}:notify 和 :hear",
                "nobody was heard, so nothing is confirmed: notify the party and hear it first",
            )

    def _refuse_wrong_day(self, step: Fact, today: date) -> None:
        on = date.fromisoformat(step.detail["on"])
        # Nobody is told, nor runs the time to be heard, before there is a suspicion.
        suspected = [fact.detail["found_on"] for fact in self.of(FactKind.BREACH_SUSPECTED)]
        taken = [fact.detail["on"] for kind in STEPS for fact in self.of(kind)]
        before = max([*suspected, *taken], default=str(on))
        if on > today:
            raise UnfitError(self.breach_id, "on 不能晚于今天", "on is in the future")
        if str(on) < before:
            raise UnfitError(
                self.breach_id,
                f"on 不能早于上一步的日期 {before}",
                f"on is before the step that came last, {before}",
            )
        for field in ("hear_by", "mend_by"):
            if field in step.detail and step.detail[field] <= str(on):
                raise UnfitError(
                    self.breach_id, f"{field} 应晚于 on", f"{field} must be later than on"
                )
        self._refuse_too_early(step, on)

    def _refuse_too_early(self, step: Fact, on: date) -> None:
        notified = self.first(FactKind.BREACH_NOTIFIED)
        if step.kind is FactKind.BREACH_HEARD and step.detail["silent"] and notified:
            hear_by = notified.detail["hear_by"]
            if str(on) <= hear_by:
                raise OutOfOrderError(
                    self.breach_id,
                    f"陈述申辩期至 {hear_by},期满方可记为未陈述",
                    f"the party may be heard until {hear_by}: silence is recorded afterwards",
                )
        mend_by = self.mend_by
        if (
            step.kind is FactKind.BREACH_SANCTIONED
            and self.state is BreachState.WARNED
            and mend_by
            and on <= mend_by
        ):
            raise OutOfOrderError(
                self.breach_id,
                f"整改期至 {mend_by},期满未改正方可惩戒",
                f"it may be mended until {mend_by}: sanctions come afterwards",
            )


def _instead(state: BreachState, possible: tuple[FactKind, ...]) -> tuple[str, str]:
    """Where it stands, and what may be done there."""
    zh = "、".join(STEPS[kind][0] for kind in possible) or "无"
    en = ", ".join(STEPS[kind][1] for kind in possible) or "nothing"
    return f"现为 {STATES[state]},可办理:{zh}", f"it is {state}; possible: {en}"


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

"""A breach of a commitment (违反告知承诺), a linkage in its own right.

Commands keep to the order of ``breach_ladder``. What the log tells is merged in any order and never
refused: of older logs, a report that confirms it may come without a hearing; the API takes none any
more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from approval_events.domain.breach_ladder import POSSIBLE, STATES, STEPS, BreachState
from approval_events.domain.facts import Fact, FactKind
from approval_events.domain.matter import Matter
from approval_events.domain.refusals import OutOfOrderError, UnfitError
from linkage_contracts.codes import Clock

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

"""A tolerance (容缺): what one decision was accepted without, and what became of that.

Owed until supplemented, by the bureau's word or by a later version of the decision without the gap
(formal); expired when its clock ran out; terminated when the bureau says so, or the licence ended.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from approval_events.domain.facts import Fact, FactKind
from approval_events.domain.matter import Matter
from approval_events.domain.refusals import OutOfOrderError, UnfitError
from linkage_contracts.decisions import ENDING_KINDS, DecisionEvent

_TOLD_DAYS = (FactKind.WARNED, FactKind.OVERDUE, FactKind.ESCALATED, FactKind.DEADLINE_CHANGED)
KINDS = frozenset(
    {
        *(FactKind.TOLERATED, FactKind.TOLERANCE_EXPIRED, *_TOLD_DAYS),
        *(FactKind.TOLERANCE_SUPPLEMENTED, FactKind.TOLERANCE_TERMINATED),
    }
)
"""The facts that a tolerance is made of."""


class ToleranceState(StrEnum):
    """Where a tolerance stands."""

    OWED = "owed"
    EXPIRED = "expired"
    SUPPLEMENTED = "supplemented"
    """The materials are there; the licence is not formal yet, or needs no other version."""
    FORMAL = "formal"
    TERMINATED = "terminated"


STATES: Mapping[ToleranceState, str] = {
    ToleranceState.OWED: "待补正",
    ToleranceState.EXPIRED: "逾期未补正",
    ToleranceState.SUPPLEMENTED: "已补正",
    ToleranceState.FORMAL: "已转正式",
    ToleranceState.TERMINATED: "已终止",
}
"""As clerks read them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance(Matter):
    """One tolerance with all facts about it."""

    supplement_id: str

    @property
    def tolerated(self) -> Fact | None:
        """The first version of the decision that lacks this."""
        return self.first(FactKind.TOLERATED)

    @property
    def state(self) -> ToleranceState:
        """See ``ToleranceState``: the last that applies."""
        if self.of(FactKind.TOLERANCE_TERMINATED):
            return ToleranceState.TERMINATED
        supplemented = self.of(FactKind.TOLERANCE_SUPPLEMENTED)
        if any("decision_event_id" in fact.detail for fact in supplemented):
            return ToleranceState.FORMAL
        if supplemented:
            return ToleranceState.SUPPLEMENTED
        expired = self.of(FactKind.OVERDUE) or self.of(FactKind.TOLERANCE_EXPIRED)
        return ToleranceState.EXPIRED if expired else ToleranceState.OWED

    @property
    def due_days(self) -> tuple[date, ...]:
        """Every day that it was ever known to be due on, the last one last."""
        days = {
            date.fromisoformat(fact.detail[name])
            for kind in (FactKind.TOLERATED, *_TOLD_DAYS, FactKind.TOLERANCE_EXPIRED)
            for fact in self.of(kind)
            for name in ("due_on", "was_due_on")
            if name in fact.detail
        }
        return tuple(sorted(days))

    @property
    def came_on(self) -> date | None:
        """The day on which the materials were there, if they came."""
        came = [fact.detail["on"] for fact in self.of(FactKind.TOLERANCE_SUPPLEMENTED)]
        return date.fromisoformat(min(came)) if came else None

    @property
    def missed(self) -> tuple[date, ...]:
        """The days that it was overdue on, unless it turned out to have been in time."""
        if self._was_in_time:
            return ()
        late = {date.fromisoformat(fact.detail["due_on"]) for fact in self.of(FactKind.OVERDUE)}
        return tuple(sorted(late))

    @property
    def uncleared(self) -> tuple[date, ...]:
        """The days that were told as overdue and not yet taken back, though it was in time."""
        if not self._was_in_time:
            return ()
        cleared = {
            day
            for fact in self.of(FactKind.TOLERANCE_SUPPLEMENTED)
            for day in fact.detail["clears"]
        }
        told = {fact.detail["due_on"] for fact in self.of(FactKind.TOLERANCE_EXPIRED)}
        return tuple(sorted(map(date.fromisoformat, told - cleared)))

    @property
    def _was_in_time(self) -> bool:
        came, due = self.came_on, self.due_days
        return came is not None and bool(due) and came <= due[-1]

    def clears(self, on: date) -> tuple[date, ...]:
        """The days that count as overdue no more if the materials were there on this day."""
        return self.due_days if self.due_days and on <= self.due_days[-1] else ()

    def check(self, step: Fact, today: date) -> bool:
        """Whether the bureau's word is still to be taken; ``False`` if it was given just so.

        Raises:
            OutOfOrderError: another was given, or nothing has expired.
            UnfitError: a day that it cannot have.
        """
        given = next((fact for fact in self.of(step.kind) if fact.key == step.key), None)
        if given is not None and given.detail == step.detail:
            return False
        terminates = step.kind is FactKind.TOLERANCE_TERMINATED
        allowed = {ToleranceState.EXPIRED} | (set() if terminates else {ToleranceState.OWED})
        if not terminates and given is None and self.state is ToleranceState.FORMAL:
            # The later version came late, but says nothing of when the materials had come.
            allowed.add(ToleranceState.FORMAL)
        if self.state not in allowed:
            zh = "逾期后方可终止" if terminates else "已办结"
            en = "only what has expired is terminated" if terminates else "it is over"
            raise OutOfOrderError(self.supplement_id, f"现为{STATES[self.state]},{zh}", en)
        if date.fromisoformat(step.detail["on"]) > today:
            raise UnfitError(self.supplement_id, "on 不能晚于今天", "on is in the future")
        return True


def settling(tolerance: Tolerance, versions: Sequence[DecisionEvent]) -> DecisionEvent | None:
    """The version that settles a tolerance, if there is one: the first after it without the gap."""
    tolerated = tolerance.tolerated
    if tolerated is None:
        return None
    own = [one for one in versions if one.supplement_id == tolerance.supplement_id]
    if not own:
        return None
    since = min(map(_order, own))
    later = [
        one
        for one in versions
        if one.subject == tolerated.linkage
        and one.supplement_id != tolerance.supplement_id
        and _order(one) > since
    ]
    return min(later, key=_order, default=None)


def ends(version: DecisionEvent) -> bool:
    """Whether a version ends the licence, so that what was missing never came."""
    return version.data.kind in ENDING_KINDS


def _order(event: DecisionEvent) -> tuple[Any, ...]:
    return event.data.effective_on, event.recordedtime, event.id


def supplements_in(facts: Iterable[Fact]) -> set[str]:
    """The tolerances that any of these facts is about."""
    return {
        str(fact.detail["supplement_id"])
        for fact in facts
        if fact.kind in KINDS and "supplement_id" in fact.detail
    }

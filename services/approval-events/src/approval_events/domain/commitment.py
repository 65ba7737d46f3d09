"""A commitment (告知承诺): what was promised for one decision, how it is verified, what came out.

Kept when supervision checked it and found it so; a breach goes its own way, and its state is the
commitment's from then on, unless the breach was dismissed.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from approval_events.domain.breach import Breach
from approval_events.domain.breach_ladder import KINDS as BREACH_KINDS
from approval_events.domain.breach_ladder import BreachState
from approval_events.domain.facts import Fact, FactKind
from approval_events.domain.matter import Matter
from linkage_contracts.codes import DecisionKind, Duty

KINDS = BREACH_KINDS | {FactKind.DECIDED, FactKind.FED_BACK}
"""The facts that a commitment is made of."""
_ENDED = {DecisionKind.WITHDRAWN, DecisionKind.ANNULLED, DecisionKind.DEREGISTERED}
_KEPT = {"kept", "conforms", "fulfilled", "守诺", "已履行", "履行", "符合", "合格"}
_BROKEN = {"broken", "fails", "违诺", "未履行", "不符合", "不合格"}
"""What supervision writes of a check, which is free text: other words are shown as they are."""
_AT_ISSUE = {BreachState.SUSPECTED, BreachState.NOTIFIED, BreachState.HEARD}
_NO_BREACH = {BreachState.DISMISSED, BreachState.RETURNED, BreachState.OVERTURNED}


class CommitmentState(StrEnum):
    """Where a commitment stands."""

    COMMITTED = "committed"
    """待核查."""
    FULFILLED = "fulfilled"
    """已履行."""
    CHECKED = "checked"
    """已核查, in words that say neither."""
    SUSPECTED = "suspected"
    """疑似违诺."""
    BROKEN = "broken"
    """已认定违诺."""
    REPAIRED = "repaired"
    """已认定违诺, and its credit repaired since."""
    ENDED = "ended"
    """The licence ended before it was checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment(Matter):
    """One commitment with all facts about it; of decisions the versions that carry it."""

    decision_id: str

    @property
    def promised(self) -> Fact | None:
        """The newest version of the decision that was made on it."""
        versions = [fact for fact in self.of(FactKind.DECIDED) if "commitment" in fact.detail]
        return max(versions, key=_newest, default=None)

    @property
    def checks(self) -> tuple[Fact, ...]:
        """What supervision fed back about it, oldest first."""
        return tuple(
            fact
            for fact in self.of(FactKind.FED_BACK)
            if fact.detail["duty"] == Duty.COMMITMENT_CHECK
        )

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """The breaches of it, oldest first."""
        found: dict[str, Breach] = {}
        for fact in sorted(self.all_facts(), key=lambda fact: fact.order):
            if id_ := fact.detail.get("breach_id"):
                found[id_] = found.get(id_, Breach(breach_id=id_, facts={})).merge([fact])
        return tuple(found.values())

    @property
    def state(self) -> CommitmentState:
        """See ``CommitmentState``: the gravest that applies."""
        standing = {one.state for one in self.breaches} - _NO_BREACH
        if standing - _AT_ISSUE - {BreachState.REPAIRED}:
            return CommitmentState.BROKEN
        if standing & _AT_ISSUE:
            return CommitmentState.SUSPECTED
        if standing:
            return CommitmentState.REPAIRED
        if self.checks:
            return self._checked
        promised = self.promised
        ended = promised is not None and promised.detail["kind"] in _ENDED
        return CommitmentState.ENDED if ended else CommitmentState.COMMITTED

    @property
    def _checked(self) -> CommitmentState:
        said = str(self.checks[-1].detail["outcome"]).strip()
        if said in _KEPT:
            return CommitmentState.FULFILLED
        # A check that went badly raises a breach; one that was dismissed says it was kept.
        if said in _BROKEN:
            dismissed = any(one.state in _NO_BREACH for one in self.breaches)
            return CommitmentState.FULFILLED if dismissed else CommitmentState.SUSPECTED
        return CommitmentState.CHECKED


def _newest(fact: Fact) -> tuple[date, Any]:
    return date.fromisoformat(fact.detail["effective_on"]), fact.order


def is_about_commitment(fact: Fact) -> bool:
    """Whether a fact of these kinds says anything of a commitment."""
    if fact.kind is FactKind.FED_BACK:
        return str(fact.detail["duty"]) == Duty.COMMITMENT_CHECK
    return "commitment" in fact.detail or "breach_id" in fact.detail

"""What acts on applications for repair (信用修复) have in common: which one, and whose facts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from credit.application.acting import Actor, NotKnownError, NotYoursError
from linkage_contracts.credit_acts import CaseEvent, filed_id
from linkage_contracts.envelope import Event
from linkage_contracts.repairs import (
    FactsRepaired,
    RepairApplication,
    RepairApplied,
    RepairRefused,
    RepairRevoked,
    RepairWithdrawn,
)

EFFECTS = (
    "终止公示 publication ended",
    "停止共享和使用 sharing and use ended",
    "解除失信惩戒 sanctions lifted",
)
"""All three at once, on the day of the decision (DOMAIN.md §4.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One application, and what was done about it, the oldest first."""

    filed: RepairApplication
    acts: tuple[CaseEvent, ...]

    @property
    def waiting(self) -> frozenset[str]:
        """The facts that somebody has still to decide about."""
        if any(isinstance(act, RepairWithdrawn) for act in self.acts):
            return frozenset()
        decided = {
            fact
            for act in self.acts
            if isinstance(act, FactsRepaired | RepairRefused)
            for fact in act.data.facts
        }
        return frozenset(term.fact for term in self.filed.terms) - decided

    @property
    def may_come_again(self) -> bool:
        """Whether the same form is another application: some of it was not to be had by this."""
        failed = RepairRefused | RepairWithdrawn | RepairRevoked
        return not self.waiting and any(isinstance(act, failed) for act in self.acts)

    @property
    def granted(self) -> frozenset[str]:
        """The facts that it had repaired."""
        grants = [act for act in self.acts if isinstance(act, FactsRepaired)]
        return frozenset(fact for grant in grants for fact in grant.data.facts)

    def own(self, by: Actor) -> frozenset[str]:
        """The facts about which this actor decides.

        Raises:
            NotYoursError: none.
        """
        own = frozenset(t.fact for t in self.filed.terms if by.may_decide(t.authority))
        if not own:
            raise NotYoursError(
                "谁认定、谁修复：申请中没有本单位认定的事实 (no fact of it was found by you)",
                [term.fact for term in self.filed.terms],
            )
        return own


def applications_in(logged: Iterable[Event]) -> tuple[Application, ...]:
    """All applications of a party, the oldest first."""
    acts = [event for event in logged if isinstance(event, CaseEvent)]
    return tuple(
        Application(
            filed=event.data,
            acts=tuple(a for a in acts if filed_id(a) == event.data.application_id),
        )
        for event in acts
        if isinstance(event, RepairApplied)
    )


def application_in(logged: Sequence[Event], wanted: str) -> Application:
    """One application.

    Raises:
        NotKnownError: there is none, or not yet.
    """
    for application in applications_in(logged):
        if application.filed.application_id == wanted:
            return application
    raise NotKnownError("没有此修复申请 (there is no such application)")

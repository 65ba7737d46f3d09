"""Show a party's applications for credit repair, and what came of each: the proof afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass

from credit.ports import ActLedger
from linkage_contracts.credit_acts import (
    FactsRepaired,
    RepairApplication,
    RepairApplied,
    RepairRefused,
)
from linkage_contracts.envelope import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairCase:
    """One application and the decisions on it, each the event on the log that proves it."""

    application: RepairApplication
    decisions: tuple[FactsRepaired | RepairRefused, ...]

    @property
    def waiting(self) -> frozenset[str]:
        """The facts that no authority has decided about."""
        decided = {fact for decision in self.decisions for fact in decision.data.facts}
        return frozenset(term.fact for term in self.application.terms) - decided


async def show_repairs(party: str, *, acts: ActLedger) -> tuple[RepairCase, ...]:
    """All applications of a party, the oldest first."""
    events = await acts.of_party(party)
    return tuple(
        RepairCase(
            application=event.data,
            decisions=tuple(_decisions(event.data.application_id, events)),
        )
        for event in events
        if isinstance(event, RepairApplied)
    )


def _decisions(application: str, events: Iterable[Event]) -> list[FactsRepaired | RepairRefused]:
    return [
        event
        for event in events
        if isinstance(event, FactsRepaired | RepairRefused)
        and event.data.application_id == application
    ]

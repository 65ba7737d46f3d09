"""What the API says about credit repair: who decided what, and what proves it."""

from datetime import date

from pydantic import BaseModel

from credit.application.show_repairs import RepairCase
from linkage_contracts.credit_acts import FactsRepaired, RepairApplication, RepairRefused


class RepairDecisionAnswer(BaseModel):
    """One authority's decision; a grant says what ended on its day."""

    event_id: str
    by: str
    on: date
    is_granted: bool
    facts: tuple[str, ...]
    ground: str
    effects: tuple[str, ...]


class RepairCaseAnswer(BaseModel):
    """One application: what was asked, who decided what, what still waits."""

    application: RepairApplication
    decisions: tuple[RepairDecisionAnswer, ...]
    waiting: tuple[str, ...]


class RepairCasesAnswer(BaseModel):
    """A party's applications for credit repair, the oldest first."""

    party: str
    applications: tuple[RepairCaseAnswer, ...]

    @classmethod
    def of(cls, party: str, cases: tuple[RepairCase, ...]) -> "RepairCasesAnswer":
        """The cases as they are shown."""
        shown = tuple(
            RepairCaseAnswer(
                application=case.application,
                decisions=tuple(map(_decision, case.decisions)),
                waiting=tuple(sorted(case.waiting)),
            )
            for case in cases
        )
        return cls(party=party, applications=shown)


def _decision(event: FactsRepaired | RepairRefused) -> RepairDecisionAnswer:
    if isinstance(event, RepairRefused):
        by, on, effects = event.data.by, event.data.on, None
    else:
        by, on, effects = event.data.decided_by, event.data.decided_on, event.data.effects
    return RepairDecisionAnswer(
        event_id=event.id,
        by=by,
        on=on,
        is_granted=isinstance(event, FactsRepaired),
        facts=event.data.facts,
        ground=event.data.ground,
        effects=effects or (),
    )

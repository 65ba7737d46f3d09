"""What the API says about repair and cases: who decided what, who was told, what proves it."""

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import BaseModel

from credit.application.show_repairs import CaseStory, RepairCase, Told
from credit.domain.cases import Case, CaseKind, CaseState, CaseTerms, filed_on
from linkage_contracts.credit_acts import CaseEvent
from linkage_contracts.repairs import FactsRepaired, RepairApplication, RepairRefused, RepairRevoked

_STATES = {
    CaseState.WAITING: "待办",
    CaseState.GRANTED: "已修复",
    CaseState.REFUSED: "不予修复",
    CaseState.REVOKED: "修复已撤销",
    CaseState.UPHELD: "异议成立",
    CaseState.REJECTED: "异议不成立",
    CaseState.WITHDRAWN: "已撤回",
}


class CaseAnswer(BaseModel):
    """One line of an authority's worklist; ``due_on`` is of what waits."""

    case_id: str
    kind: CaseKind
    state: CaseState
    state_name: str
    authority: str
    party: str
    filed_id: str
    filed_at: datetime
    filed_by: str
    ground: str
    facts: tuple[str, ...]
    due_on: date | None
    provisional: bool
    """That year's holidays are not known yet: the day may move."""
    overdue: bool
    settled_at: datetime | None
    settled_by: str | None

    @classmethod
    def of(cls, case: Case, terms: CaseTerms, today: date) -> "CaseAnswer":
        """The case as it stands on a day."""
        waits = case.state is CaseState.WAITING
        due = terms.due(case.kind, filed_on(case))
        return cls(
            case_id=case.case_id,
            kind=case.kind,
            state=case.state,
            state_name=_STATES[case.state],
            authority=case.authority,
            party=case.party,
            filed_id=case.filed_id,
            filed_at=case.filed_at,
            filed_by=case.filed_by,
            ground=case.ground,
            facts=case.facts,
            due_on=due.on if waits else None,
            provisional=waits and due.provisional,
            overdue=waits and due.on < today,
            settled_at=case.settled_at,
            settled_by=case.settled_by,
        )


class CasesAnswer(BaseModel):
    """A page; ``next`` is the ``after`` of the following one."""

    cases: tuple[CaseAnswer, ...]
    next: str | None


class ActStep(BaseModel):
    """One act, and who was told on its feed what it did to facts that it knows, and when."""

    event_id: str
    type: str
    at: datetime
    by: str
    ground: str
    told: tuple[Told, ...]

    @classmethod
    def of(cls, event: CaseEvent, told: dict[str, tuple[Told, ...]]) -> "ActStep":
        """The act as it is shown."""
        by = event.data.decided_by if isinstance(event, FactsRepaired) else event.data.by
        return cls(
            event_id=event.id,
            type=event.type,
            at=event.time,
            by=by,
            ground=event.data.ground,
            told=told.get(event.id, ()),
        )


class CaseStoryAnswer(CaseAnswer):
    """A case with all that was done about what was filed, the oldest first."""

    story: tuple[ActStep, ...]

    @classmethod
    def telling(cls, story: CaseStory, terms: CaseTerms, today: date) -> "CaseStoryAnswer":
        """The story as it is shown."""
        told = dict(story.told)
        line = CaseAnswer.of(story.case, terms, today)
        steps = tuple(ActStep.of(event, told) for event in story.acts)
        return cls(**line.model_dump(), story=steps)


class RepairDecisionAnswer(BaseModel):
    """One authority's decision; a grant says what ended on its day, and who was told."""

    event_id: str
    by: str
    on: date
    is_granted: bool
    facts: tuple[str, ...]
    ground: str
    effects: tuple[str, ...]
    told: tuple[Told, ...]
    revoked: ActStep | None
    """From its day on the facts count again."""


class RepairCaseAnswer(BaseModel):
    """One application: what was asked, who decided what, what still waits, and for whom."""

    application: RepairApplication
    decisions: tuple[RepairDecisionAnswer, ...]
    waiting: tuple[str, ...]
    authorities: tuple[CaseAnswer, ...]
    story: tuple[ActStep, ...]


class RepairCasesAnswer(BaseModel):
    """A party's applications for credit repair, the oldest first."""

    party: str
    applications: tuple[RepairCaseAnswer, ...]

    @classmethod
    def of(
        cls, party: str, cases: Sequence[RepairCase], terms: CaseTerms, today: date
    ) -> "RepairCasesAnswer":
        """The applications as they are shown."""
        return cls(party=party, applications=tuple(_shown(case, terms, today) for case in cases))


def _shown(case: RepairCase, terms: CaseTerms, today: date) -> RepairCaseAnswer:
    acts, told = case.application.acts, dict(case.told)
    revoked = {
        event.data.repair_id: ActStep.of(event, told)
        for event in acts
        if isinstance(event, RepairRevoked)
    }
    return RepairCaseAnswer(
        application=case.application.filed,
        decisions=tuple(
            _decision(event, told.get(event.id, ()), revoked.get(event.id))
            for event in acts
            if isinstance(event, FactsRepaired | RepairRefused)
        ),
        waiting=tuple(sorted(case.application.waiting)),
        authorities=tuple(CaseAnswer.of(each, terms, today) for each in case.cases),
        story=tuple(ActStep.of(event, told) for event in acts),
    )


def _decision(
    event: FactsRepaired | RepairRefused, told: tuple[Told, ...], revoked: ActStep | None
) -> RepairDecisionAnswer:
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
        told=told,
        revoked=revoked,
    )

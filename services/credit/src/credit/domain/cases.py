"""Cases (信用待办): what one authority has to decide of an application for repair, or an objection.

One application serves all authorities concerned (信用修复一件事): each has its own case. A case is
a pure function of the acts on the log, so that a rebuild comes to the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from linkage_contracts.credit_acts import CaseEvent, filed_id
from linkage_contracts.envelope import Event
from linkage_contracts.ids import case_id
from linkage_contracts.objections import ObjectionDecided, ObjectionRaised, ObjectionWithdrawn
from linkage_contracts.repairs import (
    FactsRepaired,
    RepairApplied,
    RepairRefused,
    RepairRevoked,
    RepairWithdrawn,
)
from linkage_runtime.clock import day_of
from linkage_runtime.working_days import Due, WorkCalendar


class CaseKind(StrEnum):
    """信用修复申请 / 异议."""

    REPAIR = "repair"
    OBJECTION = "objection"


class CaseState(StrEnum):
    """Where a case stands."""

    WAITING = "waiting"
    GRANTED = "granted"
    REFUSED = "refused"
    REVOKED = "revoked"
    """Granted, and taken back since: the facts count again."""
    UPHELD = "upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One line of an authority's worklist."""

    case_id: str
    kind: CaseKind
    filed_id: str
    """The application's or the objection's."""
    authority: str
    party: str
    filed_at: datetime
    filed_by: str
    ground: str
    facts: tuple[str, ...]
    state: CaseState = CaseState.WAITING
    settled_at: datetime | None = None
    settled_by: str | None = None
    acts: int = 0
    """How many acts of cases of its party it was made of: what knows more is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTerms:
    """By when a case is to be decided; Order 36's own limits are not known (DOMAIN.md §4.2)."""

    calendar: WorkCalendar
    working_days: Mapping[CaseKind, int]

    def due(self, kind: CaseKind, filed_on: date) -> Due:
        """The end of the term of what was filed on a day."""
        return self.calendar.end_of(filed_on, self.working_days[kind])

    def last_filed(self, kind: CaseKind, due_by: date) -> date:
        """The last day on which what is due by ``due_by`` was filed: later is never due before."""
        day = due_by
        while self.due(kind, day).on > due_by:
            day -= timedelta(days=1)
        return day


def cases_of(acts: Sequence[Event], authority_of: Mapping[str, str]) -> tuple[Case, ...]:
    """All cases of one party.

    Args:
        acts: all acts on its facts, the oldest first.
        authority_of: who found each of its facts; an objection of before does not tell.
    """
    known = [event for event in acts if isinstance(event, CaseEvent)]
    followed: defaultdict[str | None, list[CaseEvent]] = defaultdict(list)
    for event in known:
        followed[filed_id(event)].append(event)
    return tuple(
        replace(_settled(case, followed[case.filed_id]), acts=len(known))
        for event in known
        for case in _filed(event, authority_of)
    )


def _settled(case: Case, acts: Iterable[CaseEvent]) -> Case:
    """The case after what was done about it, the oldest first."""
    for event in acts:
        state = _state_after(case, event)
        if state is not case.state:
            by = event.data.decided_by if isinstance(event, FactsRepaired) else event.data.by
            case = replace(case, state=state, settled_at=event.time, settled_by=by)
    return case


def _state_after(case: Case, event: CaseEvent) -> CaseState:
    """A decision is on some authority's facts; a withdrawal ends what nobody decided."""
    waits = case.state is CaseState.WAITING
    match event:
        case ObjectionDecided(data=answer):
            # Of two answers at once the log keeps both: upheld, the fact counts no more.
            if answer.is_upheld:
                return CaseState.UPHELD
            return CaseState.REJECTED if waits else case.state
        case ObjectionWithdrawn() | RepairWithdrawn():
            return CaseState.WITHDRAWN if waits else case.state
        case FactsRepaired() | RepairRefused() | RepairRevoked():
            is_own = not set(event.data.facts).isdisjoint(case.facts)
            return _STATE_AFTER[type(event)] if is_own else case.state
        case _:
            return case.state


_STATE_AFTER: Mapping[type[Event], CaseState] = {
    FactsRepaired: CaseState.GRANTED,
    RepairRefused: CaseState.REFUSED,
    RepairRevoked: CaseState.REVOKED,
}


def _filed(event: Event, authority_of: Mapping[str, str]) -> Iterator[Case]:
    if isinstance(event, RepairApplied):
        for authority in event.data.authorities:
            own = tuple(t.fact for t in event.data.terms if t.authority == authority)
            yield _case(event, CaseKind.REPAIR, event.data.application_id, authority, own)
    elif isinstance(event, ObjectionRaised):
        disputed = event.data.fact
        authorities = event.data.authorities or (authority_of.get(disputed, event.data.by),)
        for authority in authorities:
            yield _case(event, CaseKind.OBJECTION, event.data.objection_id, authority, (disputed,))


def _case(
    event: RepairApplied | ObjectionRaised,
    kind: CaseKind,
    filed: str,
    authority: str,
    facts: tuple[str, ...],
) -> Case:
    return Case(
        case_id=case_id(filed, authority),
        kind=kind,
        filed_id=filed,
        authority=authority,
        party=event.partitionkey,
        filed_at=event.time,
        filed_by=event.data.by,
        ground=event.data.ground,
        facts=facts,
    )


def filed_on(case: Case) -> date:
    """The day from which its term counts."""
    return day_of(case.filed_at)

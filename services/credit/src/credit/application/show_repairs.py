"""Show a party's applications for repair and its objections: who did what, who was told, when."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from credit.application.applications import Application, applications_in
from credit.domain.cases import Case, cases_of
from credit.ports import ActLedger, CaseLedger
from linkage_contracts.credit_acts import CaseEvent, ChangeTold, filed_id
from linkage_contracts.envelope import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An organisation that knew a fact, told on its feed what became of it."""

    organisation: str
    entry_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairCase:
    """One application, its case with each authority, and who was told of each act on it."""

    application: Application
    cases: tuple[Case, ...]
    told: Mapping[str, tuple[Told, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStory:
    """One authority's case, and all that was done about what was filed."""

    case: Case
    acts: tuple[CaseEvent, ...]
    told: Mapping[str, tuple[Told, ...]]


async def show_repairs(party: str, *, acts: ActLedger) -> tuple[RepairCase, ...]:
    """All applications of a party, the oldest first."""
    events = await acts.of_party(party)
    cases, told = cases_of(events, {}), told_in(events)
    return tuple(
        RepairCase(
            application=each,
            cases=tuple(case for case in cases if case.filed_id == each.filed.application_id),
            told=told,
        )
        for each in applications_in(events)
    )


async def show_case(case_id: str, *, acts: ActLedger, cases: CaseLedger) -> CaseStory | None:
    """One case with its story."""
    case = await cases.of_id(case_id)
    if case is None:
        return None
    events = await acts.of_party(case.party)
    about = (event for event in events if isinstance(event, CaseEvent))
    return CaseStory(
        case=case,
        acts=tuple(event for event in about if filed_id(event) == case.filed_id),
        told=told_in(events),
    )


def told_in(events: Iterable[Event]) -> Mapping[str, tuple[Told, ...]]:
    """Who was told because of which act; each entry once."""
    told: defaultdict[str, dict[str, Told]] = defaultdict(dict)
    for event in events:
        if isinstance(event, ChangeTold):
            for entry in event.data.entries:
                told[event.data.act_id].setdefault(
                    entry.entry_id,
                    Told(organisation=entry.organisation, entry_id=entry.entry_id, at=event.time),
                )
    return {act: tuple(entries.values()) for act, entries in told.items()}

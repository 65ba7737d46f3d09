"""Breaches of commitments (违诺) as callers see them; natural persons are masked already."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from approval_events.domain.breach import Breach
from approval_events.domain.breach_ladder import POSSIBLE, STATES, STEPS, BreachState
from approval_events.domain.facts import FactKind
from approval_events.domain.linkage import Linkage
from approval_events.domain.story import told
from linkage_contracts.codes import Clock
from linkage_runtime.clock import day_of
from linkage_runtime.working_days import WorkCalendar

_OF_THE_RAISED = (
    *("result_id", "supervisor", "party", "party_name", "promise", "found_on", "document_number"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachTerms:
    """By when the next step is due."""

    calendar: WorkCalendar
    days: Mapping[Clock, int]

    def due_on(self, breach: Breach) -> date | None:
        """The day of the clock that runs on it, if one does."""
        if breach.state is BreachState.WARNED:
            return breach.mend_by
        since = {
            BreachState.SUSPECTED: (Clock.BREACH_HEARING, FactKind.BREACH_SUSPECTED),
            BreachState.NOTIFIED: (Clock.BREACH_HEARING, FactKind.BREACH_SUSPECTED),
            BreachState.HEARD: (Clock.BREACH_FINDING, FactKind.BREACH_HEARD),
            BreachState.FOUND: (Clock.BREACH_HANDLING, FactKind.BREACH_FOUND),
        }.get(breach.state)
        started = breach.first(since[1]) if since else None
        if since is None or started is None:
            return None
        moved = breach.due_as_moved(since[0])
        return moved or self.calendar.end_of(day_of(started.at), self.days[since[0]]).on


def breach_line(breach: Breach, terms: BreachTerms) -> dict[str, Any]:
    """A breach in a list, with what comes next by when."""
    raised = breach.raised
    said: Mapping[str, Any] = raised.detail if raised else {}
    return {
        "breach_id": breach.breach_id,
        "decision_id": raised.linkage if raised else None,
        "authority": raised.authority if raised else None,
        "state": breach.state,
        "state_name": STATES[breach.state],
        **{field: said.get(field) for field in _OF_THE_RAISED},
        "next": [STEPS[kind][1] for kind in POSSIBLE[breach.state]],
        "due_on": terms.due_on(breach),
    }


def breach_view(breach: Breach, names: Mapping[str, str], terms: BreachTerms) -> dict[str, Any]:
    """A breach with its whole story."""
    raised = breach.raised
    authority = str(raised.authority) if raised else ""
    return {
        **breach_line(breach, terms),
        "story": [asdict(step) for step in told(breach.all_facts(), authority, names)],
    }


def breaches_of(linkage: Linkage) -> list[dict[str, Any]]:
    """The breaches on one linkage's page, oldest first; each has its own story."""
    ids: dict[str, Breach] = {}
    for fact in sorted(linkage.all_facts(), key=lambda fact: fact.order):
        if "breach_id" in fact.detail:
            id_ = str(fact.detail["breach_id"])
            ids[id_] = ids.get(id_, Breach(breach_id=id_, facts={})).merge([fact])
    return [
        {"breach_id": id_, "state": one.state, "state_name": STATES[one.state]}
        for id_, one in ids.items()
    ]

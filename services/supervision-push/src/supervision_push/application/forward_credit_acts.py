"""Forward acts on credit facts: cases to who decides them, changes to whoever knows the facts.

信用修复: publication, sharing and sanctions end at once and everywhere, so all who were told of a
fact on a feed are told on that feed what became of it; then credit is told that they were.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from linkage_contracts.codes import FactChange
from linkage_contracts.credit_acts import (
    CaseEvent,
    ChangeTold,
    ChangingEvent,
    Telling,
    ToldOn,
    is_change,
)
from linkage_contracts.envelope import Event
from linkage_contracts.facts import FactSource, FactWithdrawn
from linkage_contracts.feeds import CaseMovedEntry, FactsChangedEntry, FeedEntry
from linkage_contracts.ids import breach_id, stable_id
from linkage_contracts.notices import CaseProgress, ChangedFacts
from linkage_contracts.objections import ObjectionDecided, ObjectionRaised
from linkage_contracts.repairs import FactsRepaired, RepairApplied, RepairRevoked
from linkage_contracts.topics import CREDIT_ACTS, FEEDS
from supervision_push.application.announcements import SYSTEM, passed_on, source
from supervision_push.application.ports import Publisher
from supervision_push.application.watch_cases import cases_in, clock_of
from supervision_push.domain.terms import Schedule

_CHANGES: Mapping[type[Event], FactChange] = {
    FactsRepaired: FactChange.REPAIRED,
    RepairRevoked: FactChange.RESTORED,
    ObjectionDecided: FactChange.OVERTURNED,
    FactWithdrawn: FactChange.WITHDRAWN,
}


class Referrals(Protocol):
    """To whom breaches of commitments were referred (移送)."""

    async def of_breaches(self, breach_ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """Of those that were."""


async def forward_credit_acts(
    events: Sequence[Event],
    *,
    referrals: Referrals,
    publish: Publisher,
    schedule: Schedule,
    clock: Callable[[], datetime],
) -> None:
    """Tell the feeds, then tell credit who was told."""
    at = clock()
    changes = [e for e in events if isinstance(e, ChangingEvent) and is_change(e)]
    referred = await referrals.of_breaches(
        [breach_id(s.result_id) for e in changes for s in e.data.about if s.result_id]
    )
    moves = [
        entry
        for event in events
        if isinstance(event, CaseEvent)
        for entry in _moves(event, schedule, at)
    ]
    told = {event.id: tuple(_changed(event, referred, at)) for event in changes}
    changed = [entry for entries in told.values() for entry in entries]
    await publish.publish(FEEDS, [*moves, *changed])
    await publish.publish(
        CREDIT_ACTS, [_told(event, told[event.id], at) for event in changes if told[event.id]]
    )


def _moves(event: CaseEvent, schedule: Schedule, at: datetime) -> Iterator[FeedEntry]:
    """Each authority that decides is told, and of what came of it the window that took it in."""
    cases, running = cases_in(event), clock_of(event, schedule)
    for authority, case in cases.items():
        notice = running.notice if running else None
        data = CaseProgress(case_id=case, step=event, clock=notice)
        yield passed_on(CaseMovedEntry, event, authority, data, at)
    if cases and not isinstance(event, RepairApplied | ObjectionRaised):
        window = event.data.filed_by
        if window is not None and window not in cases:
            yield passed_on(CaseMovedEntry, event, window, CaseProgress(step=event), at)


def _changed(
    event: ChangingEvent, referred: Mapping[str, tuple[str, ...]], at: datetime
) -> Iterator[FactsChangedEntry]:
    """One entry for each who knows some of the facts, with those of them that it knows."""
    known: defaultdict[str, list[FactSource]] = defaultdict(list)
    for fact in event.data.about:
        also = referred.get(breach_id(fact.result_id), ()) if fact.result_id else ()
        for organisation in dict.fromkeys((fact.authority, *fact.told, *also)):
            known[organisation].append(fact)
    act = _Act.of(event)
    for organisation, facts in known.items():
        data = ChangedFacts(
            change=_CHANGES[type(event)],
            act_id=event.id,
            party=event.partitionkey,
            by=act.by,
            on=act.on,
            ground=event.data.ground,
            effects=act.effects,
            facts=tuple(facts),
        )
        yield passed_on(FactsChangedEntry, event, organisation, data, at)


@dataclass(frozen=True, slots=True)
class _Act:
    """Who did it on which day, and what ended; a repair names these otherwise."""

    by: str
    on: date
    effects: tuple[str, ...] = ()

    @classmethod
    def of(cls, event: ChangingEvent) -> "_Act":
        if isinstance(event, FactsRepaired):
            repair = event.data
            return cls(repair.decided_by, repair.decided_on, repair.effects or ())
        return cls(event.data.by, event.data.on)


def _told(event: ChangingEvent, entries: Sequence[FeedEntry], at: datetime) -> ChangeTold:
    told = tuple(ToldOn(organisation=e.partitionkey, entry_id=e.id) for e in entries)
    return ChangeTold(
        # A breach that was referred since tells one more: that is another telling.
        id=stable_id("change-told", event.id, *(one.organisation for one in told)),
        source=source(SYSTEM),
        subject=event.subject,
        time=at,
        recordedtime=at,
        partitionkey=event.partitionkey,
        emitter=SYSTEM,
        traceparent=event.traceparent,
        data=Telling(act_id=event.id, entries=told),
    )

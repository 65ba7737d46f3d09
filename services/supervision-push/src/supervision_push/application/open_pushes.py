"""Route decisions: one push per event and recipient, the rest to the pool; recall what ended.

Everything here may be repeated at any point: ids come from the decision event, what is stored is
not reset, and what is told is what is stored. Tombstones are written before anything is opened and
read after it, as in ``take_from_pool``: whichever comes second recalls.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from supervision_push.application.announcements import (
    Telling,
    irregular,
    opened,
    recalled,
    unrouted,
)
from supervision_push.application.plan_pushes import Arrived, Plan, plan_pushes
from supervision_push.application.ports import (
    Books,
    Catalogues,
    Letter,
    NewPush,
    Publisher,
    WaitingEntry,
)
from supervision_push.application.publish import publish_letters
from supervision_push.application.recall_pushes import recall_pushes
from supervision_push.domain.ending import ending_of
from supervision_push.domain.party_class import PartyClass, about
from supervision_push.domain.pool import PoolEntry
from supervision_push.domain.push import Push
from supervision_push.domain.terms import Schedule, answer_clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """What a batch led to, without what was there before."""

    opened: tuple[Push, ...]
    pooled: int
    recalled: int


async def open_pushes(
    arrived: Sequence[Arrived],
    *,
    at: datetime,
    books: Books,
    catalogues: Catalogues,
    publisher: Publisher,
    schedule: Schedule,
) -> Routed:
    """Route a batch, in order.

    Raises:
        PermanentError: a decision carries a catalogue version that does not exist.
    """
    once = _first_of_each(arrived)
    await books.recalls.put([ending for one in once if (ending := ending_of(one.event))])
    risk, plans = await asyncio.gather(
        books.classes.of({one.event.partitionkey for one in once}),
        plan_pushes(once, at=at, pushes=books.pushes, catalogues=catalogues, schedule=schedule),
    )
    batch = await _store(plans, risk, at, books, schedule)
    await publish_letters(_letters(batch), publisher=publisher)
    return batch.routed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    at: datetime
    plans: Sequence[Plan]
    stored: Mapping[str, Push]
    pooled: Mapping[str, PoolEntry]
    gone: Sequence[Push]
    risk: Mapping[str, PartyClass]
    schedule: Schedule
    routed: Routed


async def _store(
    plans: Sequence[Plan],
    risk: Mapping[str, PartyClass],
    at: datetime,
    books: Books,
    schedule: Schedule,
) -> _Batch:
    pushes = [NewPush(push=one, body=plan.arrived.body) for plan in plans for one in plan.pushes]
    stored = await books.pushes.open(pushes)
    entries = [
        WaitingEntry(entry=plan.pooled, body=plan.arrived.body) for plan in plans if plan.pooled
    ]
    known = await books.pool.add(entries)
    endings = await books.recalls.of({plan.arrived.event.data.decision_id for plan in plans})
    gone = await recall_pushes(endings, pushes=books.pushes)
    return _Batch(
        at=at,
        plans=plans,
        stored={push.push_id: push for push in stored.pushes},
        pooled=known,
        gone=gone.pushes,
        risk=risk,
        schedule=schedule,
        routed=Routed(
            opened=tuple(push for push in stored.pushes if push.push_id in stored.fresh),
            pooled=len(entries) - len(known),
            recalled=gone.now,
        ),
    )


def _first_of_each(arrived: Sequence[Arrived]) -> list[Arrived]:
    # Of two contents under one id the first stands; the ledger of linkages tells of the conflict.
    first: dict[str, Arrived] = {}
    for one in arrived:
        first.setdefault(one.event.id, one)
    return list(first.values())


def _letters(batch: _Batch) -> Iterator[Letter]:
    """In an order that every feed can be read in: opened, recalled, then the act that ended it."""
    gone_by: dict[str, list[Push]] = defaultdict(list)
    for push in batch.gone:
        if push.recalled:
            gone_by[push.recalled.ended_by].append(push)
    to_open = {push.push_id for plan in batch.plans for push in plan.pushes}
    opened_late = []
    for plan in batch.plans:
        telling = Telling(at=batch.at, traceparent=plan.arrived.event.traceparent)
        for push in gone_by.pop(plan.arrived.event.id, ()):
            if push.push_id in to_open:
                opened_late.append(push)
            else:
                yield from recalled(push, telling)
        yield from _letters_of(plan, batch, telling)
        to_open -= {push.push_id for push in plan.pushes}
    for push in (*opened_late, *(push for pushes in gone_by.values() for push in pushes)):
        yield from recalled(push, Telling(at=batch.at))


def _letters_of(plan: Plan, batch: _Batch, telling: Telling) -> Iterator[Letter]:
    event, decision = plan.arrived.event, plan.arrived.event.data
    for push in plan.pushes:
        stored, party = batch.stored[push.push_id], batch.risk.get(event.partitionkey)
        yield from opened(stored, event, about(party, stored.items), telling)
    if plan.pooled:
        yield unrouted(batch.pooled.get(plan.pooled.pool_id, plan.pooled), telling)
    if decision.irregularities:
        clock = answer_clock(event.recordedtime, batch.schedule)
        watchers = [one.id for one in plan.catalogue.overseers(decision.region)]
        for recipient in dict.fromkeys([decision.authority.id, *watchers]):
            yield irregular(event, recipient, clock, telling)

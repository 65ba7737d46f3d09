"""Drafts that passed the door, made into events: what their parties may, and sealed in bulk."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from approval_events.application.ports import People, Ratings
from approval_events.domain.drafting import Stamp, decision_of, event_of, items_of, people_in
from approval_events.domain.identity import Identity
from approval_events.domain.irregularity import Standards, irregularities
from approval_events.domain.submission import Submission
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.ratings import Bar

_AT_ONCE = 100
"""Rows worked on before other requests of this process get their turn."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A row that passed the door."""

    row: int
    submission: Submission
    identity: Identity


async def in_turns(items: Iterable[_T]) -> AsyncIterator[_T]:
    """The items, with a pause for others now and then."""
    for number, item in enumerate(items, 1):
        yield item
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)


async def events_of(
    drafts: Sequence[Draft],
    *,
    emitter: str,
    at: datetime,
    standards: Standards,
    ratings: Ratings,
    people: People,
) -> dict[int, DecisionEvent]:
    """The event of each draft, by row; asks for bars and seals once for all of them."""
    promised = {d.identity.party_key for d in drafts if d.submission.commitment is not None}
    bars = await ratings.bars(sorted(promised)) if promised else {}
    persons = dict.fromkeys(
        person for draft in drafts for person in people_in(draft.submission.party)
    )
    seals = await people.seal(list(persons)) if persons else {}
    events: dict[int, DecisionEvent] = {}
    async for draft in in_turns(drafts):
        codes = items_of(draft.submission, standards.catalogue)
        stamp = _stamp(draft, codes, bars.get(draft.identity.party_key, ()), standards, at)
        decision = decision_of(draft.submission, codes, stamp, seals)
        events[draft.row] = event_of(decision, draft.identity.event_id, emitter)
    return events


def _stamp(
    draft: Draft, codes: Sequence[str], bars: Sequence[Bar], standards: Standards, at: datetime
) -> Stamp:
    return Stamp(
        identity=draft.identity,
        catalogue=standards.catalogue,
        irregularities=irregularities(draft.submission, codes, bars, standards),
        accepted_at=at,
    )

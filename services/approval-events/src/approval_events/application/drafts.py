"""Drafts that passed the door, made into events: what their parties may, and sealed in bulk."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from approval_events.application.ports import People, Ratings
from approval_events.domain.case import Judged, Standing
from approval_events.domain.drafting import Stamp, decision_of, event_of, items_of, people_in
from approval_events.domain.identity import Identity
from approval_events.domain.irregularity import Standards, irregularities
from approval_events.domain.submission import Submission
from linkage_contracts.decisions import DecisionEvent

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
    """The event of each draft, by row; asks for standings and seals once for all of them."""
    parties = [(draft.identity.party_key, draft.submission) for draft in drafts]
    standings = await standings_for(parties, standards, ratings)
    persons = dict.fromkeys(
        person for draft in drafts for person in people_in(draft.submission.party)
    )
    seals = await people.seal(list(persons)) if persons else {}
    events: dict[int, DecisionEvent] = {}
    async for draft in in_turns(drafts):
        codes = items_of(draft.submission, standards.catalogue)
        standing = standings.get(draft.identity.party_key, Standing())
        stamp = _stamp(draft, codes, standing, standards, at)
        decision = decision_of(draft.submission, codes, stamp, seals)
        events[draft.row] = event_of(decision, draft.identity.event_id, emitter)
    return events


async def standings_for(
    parties: Iterable[tuple[str, Judged]], standards: Standards, ratings: Ratings
) -> Mapping[str, Standing]:
    """What is known of those parties that any rule asks about: mostly nobody is looked up."""
    asks_of_all = standards.yardstick.rules.looks_at_lists()
    asked = {
        party for party, judged in parties if asks_of_all or judged.commitment or judged.tolerance
    }
    return await ratings.standings(sorted(asked)) if asked else {}


def _stamp(
    draft: Draft, codes: Sequence[str], standing: Standing, standards: Standards, at: datetime
) -> Stamp:
    submission, catalogue = draft.submission, standards.catalogue
    region = submission.region or catalogue.authority_by_id[submission.authority].region
    return Stamp(
        identity=draft.identity,
        catalogue=catalogue,
        irregularities=irregularities(
            submission,
            codes=codes,
            region=region,
            event_id=draft.identity.event_id,
            standing=standing,
            standards=standards,
        ),
        accepted_at=at,
    )

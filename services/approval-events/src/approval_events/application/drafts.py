"""Drafts that passed the door, made into events: their parties asked about, sealed in bulk."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from approval_events.application.ask_credit import Asker, Credit, ask_credit
from approval_events.application.ports import People
from approval_events.domain.case import Standing, Unverified
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """The event of a draft, and whether its party's credit was not verified."""

    event: DecisionEvent
    unverified: Unverified | None


async def events_of(
    drafts: Sequence[Draft],
    *,
    emitter: str,
    at: datetime,
    standards: Standards,
    credit: Credit,
    people: People,
) -> dict[int, Drafted]:
    """The event of each draft, by row; asks credit and seals once for all of them."""
    askers = [
        Asker(
            party=draft.identity.party_key,
            judged=draft.submission,
            codes=items_of(draft.submission, standards.catalogue),
        )
        for draft in drafts
    ]
    needs_classes = standards.yardstick.rules.looks_at_lists()
    standings = await ask_credit(askers, credit=credit, needs_classes=needs_classes)
    persons = dict.fromkeys(
        person for draft in drafts for person in people_in(draft.submission.party)
    )
    seals = await people.seal(list(persons)) if persons else {}
    events: dict[int, Drafted] = {}
    async for draft, asker, standing in in_turns(zip(drafts, askers, standings, strict=True)):
        stamp = _stamp(draft, asker.codes, standing, standards, at)
        decision = decision_of(draft.submission, asker.codes, stamp, seals)
        event = event_of(decision, draft.identity.event_id, emitter)
        events[draft.row] = Drafted(event=event, unverified=standing.unverified)
    return events


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

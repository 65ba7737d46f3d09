"""Give pool entries to an authority: it claims them (认领), or a return names it (退回).

Giving is one conditional write on the pool entry, which then holds the push to open and what is to
be told of it. ``finish_takings`` opens the pushes; the sweep repeats it until they are told of.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import RiskClass
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.topics import DECISIONS
from supervision_push.application.announcements import Telling, opened
from supervision_push.application.plan_pushes import policy_of
from supervision_push.application.ports import Books, Catalogues, NewPush, Taking, WaitingEntry
from supervision_push.application.recall_pushes import recall_pushes
from supervision_push.domain.item_terms import schedule_for
from supervision_push.domain.opening import Opening, begin_push
from supervision_push.domain.party_class import about
from supervision_push.domain.pool import Claim, PoolEntry
from supervision_push.domain.push import Push
from supervision_push.domain.routing import owed_by_claimer
from supervision_push.domain.terms import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Taker:
    """Who gets the entries, and on whose word."""

    organisation: str
    emitter: str
    by: str
    reason: str
    at: datetime


async def prepare_takings(
    given: Sequence[tuple[WaitingEntry, Taker]],
    *,
    books: Books,
    catalogues: Catalogues,
    schedule: Schedule,
) -> list[Taking]:
    """What giving each entry to that authority would write."""
    if not given:
        return []
    following = await _following_rounds(given, books)
    risk = await books.classes.of({one.entry.party for one, _ in given})
    takings = []
    for one, taker in given:
        entry = one.entry
        event = _decision(one.body)
        catalogue = await catalogues.version(event.data.catalogue_version)
        # An authority may take several entries of one decision event; each is a push of its own.
        number = max(entry.round + 1, following[taker.organisation, entry.event_id])
        following[taker.organisation, entry.event_id] = number + 1
        opening = _opening(entry, event, taker, catalogue, number)
        own = schedule_for(schedule, catalogue, event.data.items, taker.organisation)
        push = begin_push(event, opening, own)
        party_class = about(risk.get(entry.party), push.items)
        takings.append(_taking(one, push, event, taker, party_class))
    return takings


async def _following_rounds(
    given: Sequence[tuple[WaitingEntry, Taker]], books: Books
) -> Counter[tuple[str, str]]:
    """The next routing round of each authority and decision event: a question an authority."""
    of_taker: dict[str, set[str]] = {}
    for one, taker in given:
        of_taker.setdefault(taker.organisation, set()).add(one.entry.decision_id)
    following: Counter[tuple[str, str]] = Counter()
    for organisation, decision_ids in of_taker.items():
        highest = await books.pushes.rounds(organisation, decision_ids)
        following |= Counter(
            {(organisation, event_id): number + 1 for event_id, number in highest.items()}
        )
    return following


async def finish_takings(pool_ids: Sequence[str] | None, *, at: datetime, books: Books) -> int:
    """Open the pushes of entries that were taken, and tell of them.

    Args:
        pool_ids: these entries, or ``None`` for all that were left behind.
        at: the present.
        books: where they are.

    Returns:
        How many pushes are there from now on.
    """
    openings = await books.pool.unfinished(pool_ids)
    if not openings:
        return 0
    stored = await books.pushes.open(list(openings.values()))
    # Opened before the tombstone is looked for; the router looks for pushes after writing it.
    endings = await books.recalls.of({one.push.decision_id for one in openings.values()})
    gone = await recall_pushes(endings, pushes=books.pushes, telling=Telling(at=at))
    await books.pool.flush(list(openings))
    await books.pushes.flush([push.push_id for push in gone.pushes])
    await books.pool.finished(list(openings))
    return len(stored.fresh)


def _decision(body: bytes) -> DecisionEvent:
    event = DECISIONS.read(body)
    if not isinstance(event, DecisionEvent):
        msg = f"not a decision: {event.type}"
        raise TypeError(msg)
    return event


def _opening(
    entry: PoolEntry, event: DecisionEvent, taker: Taker, catalogue: Catalogue, number: int
) -> Opening:
    decision = event.data
    waiting_items = entry.items or decision.items
    return Opening(
        recipient=taker.organisation,
        # What was returned goes over with all that it owed.
        owes=entry.owes
        or owed_by_claimer(
            decision.model_copy(update={"items": waiting_items}), catalogue, taker.organisation
        ),
        policy=policy_of(catalogue, taker.organisation),
        at=taker.at,
        round=number,
        rerouted_from=entry.returned_by,
        resolves=entry.pool_id,
    )


def _taking(
    waiting: WaitingEntry,
    push: Push,
    event: DecisionEvent,
    taker: Taker,
    party_class: RiskClass | None,
) -> Taking:
    claim = Claim(
        at=taker.at,
        organisation=taker.organisation,
        by=taker.by,
        reason=taker.reason,
        push_id=push.push_id,
    )
    telling = Telling(emitter=taker.emitter, at=taker.at, traceparent=event.traceparent)
    return Taking(
        entry=waiting.entry.taken(claim),
        opening=NewPush(push=push, body=waiting.body),
        letters=opened(push, event, party_class, telling),
    )

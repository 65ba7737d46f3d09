"""Return pushes (退回): they wait in the pool, or go at once to whom the return names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from linkage_contracts.topics import DECISIONS
from supervision_push.application.act_on_pushes import Actor, Outcome, act_on_pushes
from supervision_push.application.ports import (
    Books,
    Catalogues,
    ReturnedPush,
    WaitingEntry,
)
from supervision_push.application.take_from_pool import Taker, finish_takings, prepare_takings
from supervision_push.domain.pool import PoolEntry, pool_id
from supervision_push.domain.push import Push
from supervision_push.domain.routing import is_supervising
from supervision_push.domain.steps import Return
from supervision_push.domain.terms import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a push is not theirs, and whose it is if they know."""

    text: str
    suggested: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPushes:
    """A clerk returns these, each for its reason."""

    reasons: Mapping[str, Reason]
    by: str


async def return_pushes(
    command: ReturnPushes,
    *,
    actor: Actor,
    books: Books,
    catalogues: Catalogues,
    schedule: Schedule,
) -> Outcome:
    """Return each push; a second return changes nothing."""
    catalogue = await catalogues.in_force()

    def act(push: Push) -> Push:
        reason = command.reasons[push.push_id]
        suggested = reason.suggested
        known = suggested is not None and is_supervising(catalogue, suggested)
        rerouted_to = suggested if known and suggested != actor.organisation else None
        return push.return_(
            Return(
                at=actor.at,
                by=command.by,
                reason=reason.text,
                pool_id=pool_id(push.event_id, push.push_id),
                suggested=suggested,
                rerouted_to=rerouted_to,
            )
        )

    outcome = await act_on_pushes(command.reasons, act, actor=actor, pushes=books.pushes)
    finished = await finish_returns(
        outcome.done, at=actor.at, books=books, catalogues=catalogues, schedule=schedule
    )
    await books.pushes.flush(outcome.done)
    return replace(outcome, opened=finished.rerouted)


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedReturns:
    """How many returns were finished, and how many pushes reroutes opened."""

    returns: int = 0
    rerouted: int = 0


async def finish_returns(
    push_ids: Sequence[str] | None,
    *,
    at: datetime,
    books: Books,
    catalogues: Catalogues,
    schedule: Schedule,
) -> FinishedReturns:
    """Put returned pushes in the pool, reroute those that name whose they are, and tell of them.

    Args:
        push_ids: these, or ``None`` for all that were left behind.
        at: the present.
        books: where they are.
        catalogues: what an authority owes.
        schedule: by what clocks are set.
    """
    returned = await books.pushes.unfinished_returns(push_ids)
    if not returned:
        return FinishedReturns()
    entries = [WaitingEntry(entry=entry_of(one), body=one.body) for one in returned]
    await books.pool.add(entries)
    takings = await prepare_takings(
        [*_reroutes(returned, entries)], books=books, catalogues=catalogues, schedule=schedule
    )
    # Whoever claimed one of them in between has it, and nothing is to be done.
    await books.pool.take(takings)
    await books.pushes.flush([one.push.push_id for one in returned])
    await books.pushes.finished([one.push.push_id for one in returned])
    taken = [one.entry.pool_id for one in takings]
    rerouted = await finish_takings(taken, at=at, books=books)
    return FinishedReturns(returns=len(returned), rerouted=rerouted)


def _reroutes(
    returned: Sequence[ReturnedPush], entries: Sequence[WaitingEntry]
) -> Iterator[tuple[WaitingEntry, Taker]]:
    for one, waiting in zip(returned, entries, strict=True):
        step = one.push.returned
        if step is not None and step.rerouted_to is not None:
            taker = Taker(
                organisation=step.rerouted_to,
                emitter=one.push.recipient,
                by=step.by,
                reason=step.reason,
                at=step.at,
            )
            yield waiting, taker


def entry_of(one: ReturnedPush) -> PoolEntry:
    """What waits in the pool because of a return."""
    push, step = one.push, one.push.returned
    if step is None:
        msg = f"push {push.push_id} was not returned"
        raise ValueError(msg)
    return PoolEntry(
        pool_id=step.pool_id,
        decision_id=push.decision_id,
        event_id=push.event_id,
        authority=push.authority,
        region=DECISIONS.read(one.body).data.region,  # type: ignore[attr-defined] # a decision event
        party=push.party,
        items=push.items,
        reason=step.reason,
        entered_at=step.at,
        returned_push=push.push_id,
        returned_by=push.recipient,
        suggested=step.suggested,
        owes=push.owes,
        round=push.round,
    )

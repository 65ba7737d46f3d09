"""Make the pool again from what the log tells of it: for a rebuild alone."""

from collections.abc import Sequence

from linkage_contracts.envelope import Event
from linkage_contracts.progress import DecisionUnrouted, PushOpened
from linkage_contracts.topics import DECISIONS
from supervision_push.application.ports import Books, WaitingEntry
from supervision_push.application.restore_ports import RestorePorts, Retellings
from supervision_push.domain.pool import Claim, PoolEntry
from supervision_push.domain.push import Push


async def note_progress(events: Sequence[Event], *, retellings: Retellings, books: Books) -> None:
    """Keep what is told of pushes; what found nobody goes to the pool at once."""
    await retellings.note(events)
    unrouted = [one for one in events if isinstance(one, DecisionUnrouted)]
    bodies = await retellings.bodies({one.data.decision_event_id for one in unrouted})
    await books.pool.add(
        [
            WaitingEntry(entry=_waiting(one, body), body=body)
            for one in unrouted
            if (body := bodies.get(one.data.decision_event_id)) is not None
        ]
    )


async def restore_claims(limit: int, *, ports: RestorePorts) -> int:
    """Enter who took what from the pool; returns how many pushes settled something there."""
    told = await ports.retellings.settling(limit)
    openings = {o.data.resolves: o for one in told for o in one.openings if o.data.resolves}
    entries = await ports.books.pool.find(openings)
    returned = await ports.books.pushes.find(
        [one.entry.returned_push for one in entries.values() if one.entry.returned_push]
    )
    await ports.claims.claimed(
        {
            pool_id: _claim(openings[pool_id], returned.get(one.entry.returned_push or ""))
            for pool_id, one in entries.items()
            if one.entry.claim is None
        }
    )
    await ports.retellings.settled(told)
    return len(told)


def _waiting(event: DecisionUnrouted, body: bytes) -> PoolEntry:
    data = event.data
    return PoolEntry(
        pool_id=data.pool_id,
        decision_id=data.decision_id,
        event_id=data.decision_event_id,
        authority=data.authority,
        region=DECISIONS.read(body).data.region,  # type: ignore[attr-defined] # a decision event
        party=event.partitionkey,
        items=data.items,
        reason=data.reason,
        entered_at=event.time,
    )


def _claim(opened: PushOpened, returned: Push | None) -> Claim:
    """Who claimed, and why, no event tells: only a return that named them does."""
    step = returned.returned if returned else None
    named = step if step and step.rerouted_to == opened.data.recipient else None
    return Claim(
        at=opened.time,
        organisation=opened.data.recipient,
        by=named.by if named else "",
        reason=named.reason if named else "",
        push_id=opened.data.push_id,
    )

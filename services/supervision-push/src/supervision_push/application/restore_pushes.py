"""Make pushes and the pool again from what the log tells of them: for a rebuild alone.

The events of a push are noted first, in any order, and its page is written from all of them. A page
that is there is only led on: whoever acts at the same moment is not overwritten.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.envelope import Event
from linkage_contracts.progress import DecisionUnrouted, PushOpened
from linkage_contracts.topics import DECISIONS
from supervision_push.application.plan_pushes import policy_of
from supervision_push.application.ports import (
    Books,
    Catalogues,
    NewPush,
    ReturnedPush,
    Step,
    WaitingEntry,
)
from supervision_push.application.return_pushes import entry_of
from supervision_push.domain.item_terms import schedule_for
from supervision_push.domain.opening import Opening, begin_push
from supervision_push.domain.pool import Claim, PoolEntry
from supervision_push.domain.push import Push
from supervision_push.domain.retelling import Retold, retold
from supervision_push.domain.routing import is_supervising
from supervision_push.domain.terms import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """All that the log tells of one push, and the decision event that it is about."""

    push_id: str
    events: tuple[Event, ...]
    decision: DecisionEvent
    body: bytes
    noted: int
    """How often something was noted of it."""

    @property
    def openings(self) -> tuple[PushOpened, ...]:
        """One; more where it settled several pool entries."""
        found = [one for one in self.events if isinstance(one, PushOpened)]
        return tuple(sorted(found, key=lambda one: (one.time, one.id)))


class Retellings(Protocol):
    """What was noted of pushes while the log is read."""

    async def decisions(self, decisions: Sequence[tuple[DecisionEvent, bytes]]) -> None:
        """Keep the bytes of decision events."""

    async def note(self, events: Sequence[Event]) -> None:
        """Keep events about pushes."""

    async def bodies(self, event_ids: Iterable[str]) -> Mapping[str, bytes]:
        """The bytes of these decision events."""

    async def untold(self, limit: int) -> list[Told]:
        """Pushes of which something was noted since they were last written."""

    async def written(self, told: Sequence[Told]) -> None:
        """These were written with all that was noted of them then."""

    async def settling(self, limit: int) -> list[Told]:
        """Pushes that settle something in the pool, and that was not entered yet."""

    async def settled(self, told: Sequence[Told]) -> None:
        """It was."""

    async def returned_by(self, pool_id: str) -> str | None:
        """Who had returned what waited there, if it was returned."""


class ClaimedPool(Protocol):
    """The pool, for claims that were made before."""

    async def claimed(self, claims: Mapping[str, Claim]) -> None:
        """Enter claims where nothing was entered yet."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorePorts:
    """What making pushes again needs from outside."""

    retellings: Retellings
    books: Books
    claims: ClaimedPool
    catalogues: Catalogues
    schedule: Schedule


async def restore_pushes(limit: int, *, ports: RestorePorts) -> int:
    """Write the pages of so many pushes; returns how many of them there were."""
    told = await ports.retellings.untold(limit)
    begun = [await _begun(one, ports) for one in told]
    decisions = {push.decision_id for push in begun}
    endings = {one.decision_id: one for one in await ports.books.recalls.of(decisions)}
    there = await ports.books.pushes.find([push.push_id for push in begun])
    pages = [
        Page(
            told=one,
            before=there.get(push.push_id),
            after=retold(there.get(push.push_id, push), one.events, endings.get(push.decision_id)),
        )
        for one, push in zip(told, begun, strict=True)
    ]
    if await _write(pages, ports):
        # Else somebody acted on one of them in between: all are looked at again.
        await ports.retellings.written(told)
    return len(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A push as it stands, if it does, and as the log tells it."""

    told: Told
    before: Push | None
    after: Retold


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


async def _begun(told: Told, ports: RestorePorts) -> Push:
    opened, decision = told.openings[0], told.decision
    data = opened.data
    catalogue = await ports.catalogues.version(decision.data.catalogue_version)
    waited = await ports.retellings.returned_by(data.resolves) if data.resolves else None
    opening = Opening(
        recipient=data.recipient,
        owes=data.owes,
        policy=policy_of(catalogue, data.recipient),
        at=opened.time,
        round=data.round,
        rerouted_from=waited,
        resolves=data.resolves,
    )
    own = schedule_for(ports.schedule, catalogue, decision.data.items, data.recipient)
    return begin_push(decision, opening, own)


async def _write(pages: Sequence[Page], ports: RestorePorts) -> bool:
    """Write pushes, deliveries and what was returned; whether nobody else wrote meanwhile."""
    books, catalogue = ports.books, await ports.catalogues.in_force()
    new = [one for one in pages if one.before is None]
    steps = [
        Step(before=one.before, after=one.after.push, letters=())
        for one in pages
        if one.before is not None and one.after.push != one.before
    ]
    fresh = [NewPush(push=_rerouted(one.after.push, catalogue), body=one.told.body) for one in new]
    await books.pushes.open(fresh)
    saved = await books.pushes.save(steps)
    handed_over = defaultdict(list)
    for one in pages:
        if (delivery := one.after.delivery) is not None:
            handed_over[one.after.push.recipient, delivery].append(one.told.push_id)
    for (_, delivery), push_ids in handed_over.items():
        await books.pushes.deliver(push_ids, delivery.channel, delivery.at)
    returned = [ReturnedPush(push=one.push, body=one.body) for one in fresh if one.push.returned]
    await books.pool.add([WaitingEntry(entry=entry_of(one), body=one.body) for one in returned])
    return saved == len(steps)


def _rerouted(push: Push, catalogue: Catalogue) -> Push:
    """A return went on to whom it named, where the catalogue knows that one as supervising."""
    step = push.returned
    if step is None or step.suggested is None or step.suggested == push.recipient:
        return push
    if not is_supervising(catalogue, step.suggested):
        return push
    return replace(push, returned=replace(step, rerouted_to=step.suggested))


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

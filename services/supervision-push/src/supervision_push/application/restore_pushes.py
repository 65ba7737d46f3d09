"""Make pushes again from what the log tells of them: for a rebuild alone.

The events of a push are noted first, in any order, and its page is written from all of them. A page
that is there is only led on: whoever acts at the same moment is not overwritten.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from linkage_contracts.catalogue import Catalogue
from supervision_push.application.plan_pushes import policy_of
from supervision_push.application.ports import NewPush, ReturnedPush, Step, WaitingEntry
from supervision_push.application.restore_ports import RestorePorts, Told
from supervision_push.application.return_pushes import entry_of
from supervision_push.domain.item_terms import schedule_for
from supervision_push.domain.opening import Opening, begin_push
from supervision_push.domain.push import Push
from supervision_push.domain.retelling import Retold, retold
from supervision_push.domain.routing import is_supervising


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

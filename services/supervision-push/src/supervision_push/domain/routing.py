"""Who is told of a decision, and what that owes: pure functions of it and its catalogue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from linkage_contracts.catalogue import Catalogue, Supervision
from linkage_contracts.codes import AuthorityKind, DecisionKind, Duty
from linkage_contracts.decisions import Decision, DecisionEvent, DecisionIssued, Item
from supervision_push.domain.steps import PushState

OWED_BY_ITEM = frozenset({DecisionKind.GRANTED, DecisionKind.RENEWED})
"""The catalogue says item by item what these owe; the other kinds owe one thing for all items."""

_NO_ITEMS = "未列事项 (the decision names no item)"
_OFF_CATALOGUE = "清单之外的事项 (item off the catalogue)"
_NOBODY_COMPETENT = "没有主管的监管部门 (no competent supervising authority)"
_EARLIER_WAITS = "此前的推送尚待认领 (an earlier push of this decision waits to be claimed)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Recipients with what each owes, and the items that nobody was found for."""

    duties: Mapping[str, tuple[Duty, ...]]
    unrouted: tuple[Item, ...] = ()
    reason: str | None = None
    """Why something goes to the pool; ``None`` when nothing does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPush:
    """One push of a decision, as far as routing a later act needs to know it."""

    event_id: str
    recipient: str
    round: int = 0
    state: PushState = PushState.OPEN
    pool_id: str | None = None
    """Where it waits, when it was returned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolStanding:
    """One pool entry of a decision."""

    pool_id: str
    event_id: str
    of_returned_push: bool = False
    claimed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Who holds, returned or waits for a push of one decision."""

    pushes: tuple[HeldPush, ...] = ()
    pool: tuple[PoolStanding, ...] = ()

    def joined(self, other: "Standing") -> "Standing":
        """Both together."""
        return Standing(pushes=self.pushes + other.pushes, pool=self.pool + other.pool)


def route(decision: Decision, catalogue: Catalogue) -> Route:
    """Every competent authority of every item, each with the union of what its items owe."""
    duties: dict[str, tuple[Duty, ...]] = {}
    unrouted: list[Item] = []
    reasons: list[str] = [] if decision.items else [_NO_ITEMS]
    for item in decision.items:
        known = catalogue.item_by_code.get(item.code)
        for supervision in known.supervised_by if known else ():
            authority = catalogue.competent(supervision.field, decision.region)
            if authority is None:
                unrouted.append(item)
                reasons.append(_NOBODY_COMPETENT)
            else:
                owed = _owed(decision, catalogue, [supervision])
                duties[authority.id] = _union([*duties.get(authority.id, ()), *owed])
        if known is None or not known.supervised_by:
            unrouted.append(item)
            reasons.append(_NOBODY_COMPETENT if known else _OFF_CATALOGUE)
    return Route(
        duties=duties,
        unrouted=tuple(dict.fromkeys(unrouted)),
        reason="; ".join(dict.fromkeys(reasons)) or None,
    )


def reach(plain: Route, event: DecisionEvent, catalogue: Catalogue, standing: Standing) -> Route:
    """Where a later act goes: also to whoever holds a push of the decision, not to who returned it.

    What was already opened or pooled for this very event stays, so that a repeat tells the same.
    While an earlier push waits in the pool, so does this act: who claims one can claim both.
    """
    if isinstance(event, DecisionIssued):
        return plain
    holders = {push.recipient for push in standing.pushes if push.state is not PushState.RETURNED}
    holders |= {entry.claimed_by for entry in standing.pool if entry.claimed_by is not None}
    returners = {push.recipient for push in standing.pushes} - holders
    already = {p.recipient for p in standing.pushes if p.event_id == event.id and p.round == 0}
    duties = {
        recipient: plain.duties.get(recipient) or owed_by_claimer(event.data, catalogue, recipient)
        for recipient in sorted((plain.duties.keys() - returners) | holders | already)
    }
    if _waits(standing, event.id):
        return replace(plain, duties=duties, reason=plain.reason or _EARLIER_WAITS)
    somebody_took_it_on = bool(holders - plain.duties.keys())
    return Route(duties=duties) if somebody_took_it_on else replace(plain, duties=duties)


def owed_by_claimer(decision: Decision, catalogue: Catalogue, claimer: str) -> tuple[Duty, ...]:
    """What an authority owes that the catalogue does not name, but that took the decision on.

    What its items owe in the claimer's field, else all that they owe. Items off the catalogue owe
    a receipt and the enrolment that a claim is made for: an assumption.
    """
    supervisions = [
        supervision
        for item in decision.items
        if (known := catalogue.item_by_code.get(item.code))
        for supervision in known.supervised_by
    ]
    authority = catalogue.authority_by_id.get(claimer)
    own = [one for one in supervisions if authority and one.field == authority.field]
    owed = _owed(decision, catalogue, own or supervisions)
    if owed or decision.kind not in OWED_BY_ITEM:
        return owed
    return (Duty.RECEIPT, Duty.ENROLMENT)


def is_supervising(catalogue: Catalogue, organisation: str) -> bool:
    """Whether the catalogue knows this organisation as a supervising authority."""
    known = catalogue.authority_by_id.get(organisation)
    return known is not None and known.kind is AuthorityKind.SUPERVISING


def _owed(
    decision: Decision, catalogue: Catalogue, supervisions: Iterable[Supervision]
) -> tuple[Duty, ...]:
    if decision.kind not in OWED_BY_ITEM:
        # At least to take notice: a kind that the catalogue forgot is never hidden.
        return catalogue.owes_by_kind.get(decision.kind, (Duty.NOTICE,))
    return _union(
        duty
        for supervision in supervisions
        for duty in supervision.owes
        if duty is not Duty.COMMITMENT_CHECK or decision.commitment
    )


def _union(duties: Iterable[Duty]) -> tuple[Duty, ...]:
    wanted = set(duties)
    return tuple(duty for duty in Duty if duty in wanted)


def _waits(standing: Standing, event_id: str) -> bool:
    """Whether an earlier push of the decision waits in the pool, or this event was put there."""
    if any(e.event_id == event_id and not e.of_returned_push for e in standing.pool):
        return True
    pool = [entry for entry in standing.pool if entry.event_id != event_id]
    known = {entry.pool_id for entry in pool}
    # Returned a moment ago: its pool entry is still being written.
    just_returned = any(
        push.pool_id is not None and push.pool_id not in known
        for push in standing.pushes
        if push.event_id != event_id
    )
    return just_returned or any(entry.claimed_by is None for entry in pool)

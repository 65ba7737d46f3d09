"""Plan what a batch of decision events leads to; nothing is written here."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import ReceiptPolicy
from linkage_contracts.decisions import DecisionEvent, DecisionIssued
from supervision_push.application.ports import Catalogues, PushLedger
from supervision_push.domain.item_terms import schedule_for
from supervision_push.domain.opening import Opening, begin_push
from supervision_push.domain.pool import PoolEntry, pool_id
from supervision_push.domain.push import Push
from supervision_push.domain.routing import (
    HeldPush,
    PoolStanding,
    Route,
    Standing,
    reach,
    route,
)
from supervision_push.domain.terms import Schedule


@dataclass(frozen=True, slots=True)
class Arrived:
    """A decision event and its bytes as they stood on Kafka."""

    event: DecisionEvent
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One push for each recipient of an event, and a pool entry for what found none."""

    arrived: Arrived
    catalogue: Catalogue
    pushes: tuple[Push, ...]
    pooled: PoolEntry | None


async def plan_pushes(
    arrived: Sequence[Arrived],
    *,
    at: datetime,
    pushes: PushLedger,
    catalogues: Catalogues,
    schedule: Schedule,
) -> list[Plan]:
    """Route each event by its own catalogue version, later acts also by who holds the decision."""
    later = {
        one.event.data.decision_id for one in arrived if not isinstance(one.event, DecisionIssued)
    }
    standing = defaultdict(Standing, await pushes.standing(later) if later else {})
    plans = []
    for one in arrived:
        decision = one.event.data
        catalogue = await catalogues.version(decision.catalogue_version)
        known = standing[decision.decision_id]
        found = reach(route(decision, catalogue), one.event, catalogue, known)
        plan = Plan(
            arrived=one,
            catalogue=catalogue,
            pushes=tuple(
                begin_push(
                    one.event,
                    opening,
                    schedule_for(schedule, catalogue, decision.items, opening.recipient),
                )
                for opening in _openings(found, catalogue, at)
            ),
            pooled=_entry(one.event, found, at),
        )
        # What this batch opens counts for the acts behind it, as if it had been stored before.
        standing[decision.decision_id] = known.joined(_standing_of(plan))
        plans.append(plan)
    return plans


def policy_of(catalogue: Catalogue, recipient: str) -> ReceiptPolicy:
    """How this authority receives; explicitly, where the catalogue does not know it."""
    known = catalogue.authority_by_id.get(recipient)
    return known.receipt_policy if known else ReceiptPolicy.EXPLICIT


def _openings(found: Route, catalogue: Catalogue, at: datetime) -> list[Opening]:
    return [
        Opening(recipient=recipient, owes=owes, policy=policy_of(catalogue, recipient), at=at)
        for recipient, owes in found.duties.items()
    ]


def _entry(event: DecisionEvent, found: Route, at: datetime) -> PoolEntry | None:
    if found.reason is None:
        return None
    decision = event.data
    return PoolEntry(
        pool_id=pool_id(event.id, None),
        decision_id=decision.decision_id,
        event_id=event.id,
        authority=decision.authority.id,
        region=decision.region,
        party=event.partitionkey,
        items=found.unrouted,
        reason=found.reason,
        entered_at=at,
    )


def _standing_of(plan: Plan) -> Standing:
    pooled = plan.pooled
    return Standing(
        pushes=tuple(HeldPush(event_id=p.event_id, recipient=p.recipient) for p in plan.pushes),
        pool=(PoolStanding(pool_id=pooled.pool_id, event_id=pooled.event_id),) if pooled else (),
    )

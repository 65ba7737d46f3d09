"""Tolerances (容缺) in ``approval_events.tolerances``; ``_id`` = supplement_id."""

from collections.abc import Sequence
from typing import Any

from pymongo import ASCENDING, UpdateOne

from approval_events.adapters.mongo_matters import Kind, MongoActedMatters, act_write
from approval_events.application.tolerance_ports import (
    ToleranceAdmission,
    ToleranceCount,
    ToleranceQuery,
)
from approval_events.domain.facts import FactKind
from approval_events.domain.readings import facts_of
from approval_events.domain.tolerance import KINDS, Tolerance, ToleranceState
from linkage_runtime.mongo import Collection, transient_errors
from linkage_runtime.outbox import Outbox

_TOLERANCES = Kind(
    matter_of=lambda fact: fact.detail.get("supplement_id"),
    facts=KINDS,
    begun_by=frozenset({FactKind.TOLERATED}),
    columns=lambda tolerated: {
        "items": tolerated.detail["items"],
        "party": tolerated.detail["party"],
    },
    listed_by="authority",
    make=lambda id_, facts: Tolerance(supplement_id=id_, facts=facts),
)
_LOOKED_AT = (*(FactKind.OVERDUE, FactKind.TOLERANCE_SUPPLEMENTED, FactKind.TOLERANCE_TERMINATED),)
"""What the bureau's word depends on: whether it is late, and what was said before. That lateness is
told comes a moment after it, and changes nothing."""


class MongoTolerances(MongoActedMatters[Tolerance, ToleranceAdmission]):
    """See ``ToleranceStore``, ``ToleranceList`` and ``ToleranceBooks``."""

    def __init__(self, collection: Collection, outbox: Outbox) -> None:
        super().__init__(collection, outbox, _TOLERANCES)

    async def create_indexes(self) -> None:
        """Those of a party too."""
        await super().create_indexes()
        await self._collection.create_index([("party", ASCENDING)], name="party")

    async def page(self, query: ToleranceQuery) -> Sequence[Tolerance]:
        """See ``ToleranceList``."""
        states = [query.state] if query.state else list(ToleranceState)
        return await self.listed(
            states, query.authorities, query.after, query.limit, party=query.party
        )

    async def counts(self, authorities: frozenset[str] | None) -> Sequence[ToleranceCount]:
        """See ``ToleranceList``."""
        steps: list[dict[str, Any]] = [
            {"$match": self._which(ToleranceState, authorities)},
            {"$unwind": "$items"},
            {
                "$group": {
                    "_id": {"authority": "$authority", "item": "$items", "state": "$state"},
                    "count": {"$sum": 1},
                }
            },
        ]
        with transient_errors():
            groups = await self._collection.aggregate(steps).to_list(None)
        counts = [
            ToleranceCount(
                authority=group["_id"]["authority"],
                item=group["_id"]["item"],
                state=ToleranceState(group["_id"]["state"]),
                count=group["count"],
            )
            for group in groups
        ]
        return sorted(counts, key=lambda one: (one.authority, one.item, one.state))

    def _act(self, admission: ToleranceAdmission) -> UpdateOne:
        (fact,) = facts_of([admission.event])
        tolerance = admission.tolerance
        which: dict[str, Any] = {
            "_id": tolerance.supplement_id,
            **{f"facts.{kind}": None for kind in _LOOKED_AT if not tolerance.of(kind)},
            f"facts.{fact.kind}.{fact.key}": None,
        }
        return act_write(which, fact, admission.event, tolerance.merge([fact]).state)

"""Breaches of commitments (违诺) in ``approval_events.breaches``: of two steps at once one wins."""

from collections.abc import Sequence
from typing import Any

from pymongo import ASCENDING, UpdateOne

from approval_events.adapters.mongo_matters import Kind, MongoActedMatters, act_write
from approval_events.application.breach_ports import BreachAdmission, BreachQuery
from approval_events.domain.breach import Breach
from approval_events.domain.breach_ladder import CHANGES, KINDS, STEPS
from approval_events.domain.facts import Fact, FactKind
from approval_events.domain.readings import facts_of
from linkage_runtime.mongo import Collection
from linkage_runtime.outbox import Outbox


def _columns(raised: Fact) -> dict[str, Any]:
    # Whose it is: the bureau's, and the supervisor's who raised it.
    return {
        "organisations": [raised.authority, raised.detail["supervisor"]],
        **({"party": raised.detail["party"]} if "party" in raised.detail else {}),
    }


_BREACHES = Kind(
    matter_of=lambda fact: fact.detail.get("breach_id"),
    facts=KINDS,
    begun_by=frozenset({FactKind.BREACH_SUSPECTED, FactKind.BREACH_FOUND}),
    columns=_columns,
    listed_by="organisations",
    make=lambda id_, facts: Breach(breach_id=id_, facts=facts),
)


class MongoBreaches(MongoActedMatters[Breach, BreachAdmission]):
    """See ``BreachStore``, ``BreachList`` and ``MatterBooks``."""

    def __init__(self, collection: Collection, outbox: Outbox) -> None:
        super().__init__(collection, outbox, _BREACHES)

    async def create_indexes(self) -> None:
        """Those of a party too."""
        await super().create_indexes()
        await self._collection.create_index([("party", ASCENDING)], name="party")

    async def page(self, query: BreachQuery) -> Sequence[Breach]:
        """See ``BreachList``."""
        return await self.listed(
            query.states, query.organisations, query.after, query.limit, party=query.party
        )

    def _act(self, admission: BreachAdmission) -> UpdateOne:
        (fact,) = facts_of([admission.event])
        breach = admission.breach
        which: dict[str, Any] = {
            "_id": breach.breach_id,
            # Nobody took a step since it was looked at, nor did credit say anything new, and this
            # very one was not taken.
            **{f"facts.{kind}": None for kind in (*STEPS, *CHANGES) if not breach.of(kind)},
            f"facts.{fact.kind}.{fact.key}": None,
        }
        return act_write(which, fact, admission.event, breach.merge([fact]).state)

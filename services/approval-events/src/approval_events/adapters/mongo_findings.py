"""Findings in ``approval_events.findings``: of two acts of one round one wins."""

from collections.abc import Sequence
from typing import Any

from pymongo import UpdateOne

from approval_events.adapters.mongo_matters import Kind, MongoActedMatters, act_write
from approval_events.application.finding_ports import (
    FindingAdmission,
    FindingCount,
    FindingQuery,
)
from approval_events.domain.facts import FactKind
from approval_events.domain.finding import KINDS, Finding, FindingState
from approval_events.domain.readings import facts_of
from linkage_contracts.ids import stable_id
from linkage_runtime.mongo import Collection, transient_errors
from linkage_runtime.outbox import Outbox

_STATE_AFTER = {
    FactKind.FINDING_ANSWERED: FindingState.ANSWERED,
    FactKind.FINDING_SENT_BACK: FindingState.SENT_BACK,
    FactKind.FINDING_ACCEPTED: FindingState.ACCEPTED,
}
_FINDINGS = Kind(
    matter_of=lambda fact: fact.detail.get("finding_id"),
    facts=KINDS,
    begun_by=frozenset({FactKind.FINDING_RAISED}),
    columns=lambda raised: {"rule": raised.detail["rule"]},
    listed_by="authority",
    make=lambda id_, facts: Finding(finding_id=id_, facts=facts),
)


class MongoFindings(MongoActedMatters[Finding, FindingAdmission]):
    """See ``FindingStore``, ``FindingList`` and ``FindingBooks``."""

    def __init__(self, collection: Collection, outbox: Outbox) -> None:
        super().__init__(collection, outbox, _FINDINGS)

    async def page(self, query: FindingQuery) -> Sequence[Finding]:
        """See ``FindingList``."""
        states = [query.state] if query.state else list(FindingState)
        return await self.listed(
            states, query.authorities, query.after, query.limit, rule=query.rule
        )

    async def counts(self, authorities: frozenset[str] | None) -> Sequence[FindingCount]:
        """See ``FindingList``."""
        by = {field: f"${field}" for field in ("authority", "rule", "state")}
        steps: list[dict[str, Any]] = [
            {"$match": self._which(FindingState, authorities)},
            {"$group": {"_id": by, "count": {"$sum": 1}}},
        ]
        with transient_errors():
            groups = await self._collection.aggregate(steps).to_list(None)
        counts = [
            FindingCount(
                authority=group["_id"]["authority"],
                rule=group["_id"]["rule"],
                state=FindingState(group["_id"]["state"]),
                count=group["count"],
            )
            for group in groups
        ]
        return sorted(counts, key=lambda one: (one.authority, one.rule, one.state))

    def _act(self, admission: FindingAdmission) -> UpdateOne:
        event = admission.event
        (fact,) = facts_of([event])
        answered, sent_back = (
            f"facts.{kind}.{stable_id(name, admission.subject_id, str(event.data.round))}"
            for kind, name in (
                (FactKind.FINDING_ANSWERED, "finding-answered"),
                (FactKind.FINDING_SENT_BACK, "finding-sent-back"),
            )
        )
        is_answer = fact.kind is FactKind.FINDING_ANSWERED
        which = {
            "_id": admission.subject_id,
            answered: None if is_answer else {"$ne": None},
            sent_back: None,
            "facts.finding_accepted": None,
            "facts.finding_closed": None,
        }
        return act_write(which, fact, event, _STATE_AFTER[fact.kind])

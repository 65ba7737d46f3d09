"""Commitments (告知承诺) in ``approval_events.commitments``; ``_id`` = the decision's id."""

from collections.abc import Sequence

from pymongo import ASCENDING

from approval_events.adapters.mongo_matters import Kind, MongoMatters
from approval_events.application.commitment_ports import CommitmentQuery
from approval_events.domain.commitment import (
    KINDS,
    Commitment,
    CommitmentState,
    is_about_commitment,
)
from approval_events.domain.facts import FactKind
from linkage_runtime.mongo import Collection

_COMMITMENTS = Kind(
    matter_of=lambda fact: fact.linkage if is_about_commitment(fact) else None,
    facts=KINDS,
    begun_by=frozenset({FactKind.DECIDED}),
    columns=lambda decided: {"party": decided.detail["party"]["key"]},
    listed_by="authority",
    make=lambda id_, facts: Commitment(decision_id=id_, facts=facts),
)


class MongoCommitments(MongoMatters[Commitment]):
    """See ``CommitmentList`` and ``MatterBooks``."""

    def __init__(self, collection: Collection) -> None:
        super().__init__(collection, _COMMITMENTS)

    async def create_indexes(self) -> None:
        """Those of a party too."""
        await super().create_indexes()
        await self._collection.create_index([("party", ASCENDING)], name="party")

    async def page(self, query: CommitmentQuery) -> Sequence[Commitment]:
        """See ``CommitmentList``."""
        states = [query.state] if query.state else list(CommitmentState)
        return await self.listed(
            states, query.authorities, query.after, query.limit, party=query.party
        )

"""Whom a result concerns, read from the pushes and the decisions that they carry."""

from collections.abc import Iterable, Mapping
from typing import Any

from linkage_contracts.topics import DECISIONS
from linkage_runtime.mongo import Database, find_by
from supervision_push.application.result_ports import Reference
from supervision_push.domain.result import Concern


class MongoPushedDecisions:
    """See ``PushedDecisions``."""

    def __init__(self, database: Database) -> None:
        self._pushes = database["pushes"]

    async def concerned(self, references: Iterable[Reference]) -> Mapping[Reference, Concern]:
        """One query for all; only the bodies of those found are read."""
        wanted = tuple(dict.fromkeys(references))
        found = await self._found(wanted)
        by_push = {document["_id"]: document for document in found}
        by_decision = {
            (document["recipient"], document["decision_id"]): document for document in found
        }
        concerns: dict[Reference, Concern] = {}
        for reference in wanted:
            if reference.push_id is not None:
                document = by_push.get(reference.push_id)
            else:
                document = by_decision.get((reference.supervisor, reference.decision_id))
            # Another supervisor's push is as unknown as one that does not exist.
            if document is not None and document["recipient"] == reference.supervisor:
                concerns[reference] = _concern(document)
        return concerns

    async def _found(self, references: Iterable[Reference]) -> list[dict[str, Any]]:
        pushes = [one.push_id for one in references if one.push_id]
        decisions = [one.decision_id for one in references if one.decision_id]
        fields = ("recipient", "decision_id", "authority", "effective_on", "opened_at", "body")
        found = [
            *await find_by(self._pushes, "_id", pushes, projection=fields),
            *await find_by(self._pushes, "decision_id", decisions, projection=fields),
        ]
        # The latest is the last, so that it is the one that stands for its decision.
        return sorted(found, key=lambda one: (one["effective_on"], one["opened_at"]))


def _concern(document: Mapping[str, Any]) -> Concern:
    decision = DECISIONS.read(document["body"]).data  # type: ignore[attr-defined] # all have data
    return Concern(
        party=decision.party,
        region=decision.region,
        decision_id=document["decision_id"],
        push_id=document["_id"],
        authority=document["authority"],
    )

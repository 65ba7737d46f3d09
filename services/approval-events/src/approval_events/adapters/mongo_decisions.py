"""Decision events in ``approval_events.decisions``, and second contents in ``conflicts``."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from pymongo import ASCENDING

from approval_events.application.ports import ConflictRecord
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.topics import DECISIONS
from linkage_runtime.mongo import Collection, find_by, insert_new


class MongoDecisions:
    """The first content of every decision event, whole, beside the few fields asked for."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def create_indexes(self) -> None:
        """Find the versions of one decision, and the decisions of one party."""
        await self._collection.create_index([("decision_id", ASCENDING)], name="versions")
        await self._collection.create_index([("party", ASCENDING)], name="party")

    async def digests(self, event_ids: Sequence[str]) -> Mapping[str, str]:
        """See ``KnownDecisions``."""
        documents = await find_by(self._collection, "_id", event_ids, projection=["digest"])
        return {document["_id"]: document["digest"] for document in documents}

    async def events(self, event_ids: Sequence[str]) -> Mapping[str, DecisionEvent]:
        """See ``KnownDecisions``."""
        documents = await find_by(self._collection, "_id", event_ids, projection=["body"])
        return {document["_id"]: _event(document) for document in documents}

    async def versions(self, decision_ids: Iterable[str]) -> Sequence[DecisionEvent]:
        """See ``DecisionVersions``."""
        documents = await find_by(
            self._collection, "decision_id", decision_ids, projection=["body"]
        )
        return [_event(document) for document in documents]

    async def add(self, events: Sequence[DecisionEvent]) -> frozenset[str]:
        """See ``DecisionBooks``."""
        return await insert_new(self._collection, [_document(event) for event in events])


class MongoConflicts:
    """Second contents, whole, so that nothing that was sent is lost."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def create_indexes(self) -> None:
        """Find the conflicts of one decision."""
        await self._collection.create_index([("decision_id", ASCENDING)], name="decision")

    async def add(self, records: Sequence[ConflictRecord]) -> int:
        """See ``Conflicts``."""
        documents = [
            {
                "_id": record.conflict_id,
                "event_id": record.other.id,
                "decision_id": record.other.subject,
                "authority": record.other.data.authority.id,
                "kept_digest": record.kept_digest,
                "other_digest": record.other.data.digest,
                "differences": list(record.differences),
                "body": record.other.to_bytes(),
            }
            for record in records
        ]
        return len(documents) - len(await insert_new(self._collection, documents))


def _document(event: DecisionEvent) -> dict[str, Any]:
    data = event.data
    return {
        "_id": event.id,
        "decision_id": data.decision_id,
        "authority": data.authority.id,
        "party": data.party.key,
        "kind": str(data.kind),
        "effective_on": data.effective_on.isoformat(),
        "accepted_at": data.accepted_at,
        "digest": data.digest,
        "body": event.to_bytes(),
    }


def _event(document: Mapping[str, Any]) -> DecisionEvent:
    return cast("DecisionEvent", DECISIONS.read(document["body"]))

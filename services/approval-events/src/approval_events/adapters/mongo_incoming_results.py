"""Results that came back, in ``incoming_results``; each holds what its acts are to publish."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo import UpdateOne

from approval_events.adapters.mongo_upserts import upsert_bulk
from approval_events.application.result_ports import Admission, FoundResult
from approval_events.domain.facts import Fact, FactKind, earliest
from approval_events.domain.result_acts import IncomingResult
from linkage_contracts.codes import ActionOutcome
from linkage_contracts.topics import ACTIONS
from linkage_runtime.mongo import Collection, find_by, write_bulk
from linkage_runtime.outbox import Outbox, holding

_PLACES = {
    FactKind.RESULT_RECEIVED: "received",
    FactKind.RESULT_RETURNED: "returned",
    FactKind.REPORTED: "reports.{id}",
}


class MongoIncomingResults:
    """See ``IncomingResults`` and ``ResultBooks``."""

    def __init__(self, collection: Collection, outbox: Outbox) -> None:
        self._collection = collection
        self._outbox = outbox

    async def create_indexes(self) -> None:
        """Find what is held and unpublished."""
        await self._outbox.create_index()

    async def find(self, result_ids: Sequence[str]) -> Mapping[str, IncomingResult]:
        """See ``IncomingResults``."""
        documents = await find_by(
            self._collection,
            "_id",
            result_ids,
            also={"found": {"$ne": None}},
            projection={"found.body": False, "outbox": False},
        )
        return {document["_id"]: _result(document) for document in documents}

    async def admit(self, admissions: Sequence[Admission]) -> int:
        """See ``IncomingResults``: the condition stands in the write itself, so of two one wins."""
        return await write_bulk(self._collection, [_act(admission) for admission in admissions])

    async def publish(self, result_ids: Sequence[str]) -> None:
        """See ``IncomingResults``."""
        await self._outbox.flush(result_ids)

    async def sweep(self) -> int:
        """Publish what a dying process left behind; returns how many results held something."""
        return await self._outbox.sweep()

    async def add(self, found: Sequence[FoundResult]) -> None:
        """See ``ResultBooks``; an act may have been noted before the result itself."""
        updates = [
            UpdateOne({"_id": one.result.result_id}, {"$min": {"found": _found(one)}}, upsert=True)
            for one in found
        ]
        await upsert_bulk(self._collection, updates)

    async def note(self, facts: Iterable[Fact]) -> None:
        """See ``ResultBooks``."""
        updates = []
        for fact in earliest(facts):
            if place := _PLACES.get(fact.kind):
                result_id = fact.detail.get("result_id", fact.key)
                kept = {name: fact.detail[name] for name in _KEPT if name in fact.detail}
                entered = {place.format(id=fact.id): {"at": fact.at, "id": fact.id, **kept}}
                updates.append(UpdateOne({"_id": result_id}, {"$min": entered}, upsert=True))
        await upsert_bulk(self._collection, updates)


_KEPT = ("by", "reason", "outcome")


def _act(admission: Admission) -> UpdateOne:
    event = admission.event
    content = {"at": event.time, "id": event.id, **admission.content}
    held = holding([(ACTIONS, event)])
    which: dict[str, Any] = {"_id": admission.subject_id, "returned": None}
    if admission.step == "reported":
        place = f"reports.{event.id}"
        which |= {"received": {"$ne": None}, place: None}
    else:
        place = admission.step
        which |= {"received": None}
    held["$set"][place] = content
    return UpdateOne(which, held)


def _found(one: FoundResult) -> dict[str, Any]:
    event, result = one.event, one.result
    found = {
        "at": event.recordedtime,
        "id": event.id,
        "type": event.type,
        "decision_id": result.decision_id,
        "authority": result.authority,
        "supervisor": result.supervisor.id,
        "party": result.party.key,
        "body": event.to_bytes(),
    }
    # Behind all else, so that the smallest is what it was before there were traces.
    return found | ({"traceparent": event.traceparent} if event.traceparent else {})


def _result(document: Mapping[str, Any]) -> IncomingResult:
    found = document["found"]
    received, returned = document.get("received") or {}, document.get("returned") or {}
    return IncomingResult(
        result_id=document["_id"],
        result_type=found["type"],
        decision_id=found["decision_id"],
        authority=found["authority"],
        supervisor=found["supervisor"],
        party=found["party"],
        recorded_at=found["at"],
        traceparent=found.get("traceparent"),
        received_by=received.get("by"),
        returned_by=returned.get("by"),
        return_reason=returned.get("reason"),
        reported={
            id_: ActionOutcome(report["outcome"])
            for id_, report in document.get("reports", {}).items()
        },
    )

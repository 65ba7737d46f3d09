"""Findings in ``approval_events.findings``, merged by the database as linkages are.

A fact stands at ``facts.<kind>.<key>`` as ``{at, id, …}``, and of two the smallest stays (see
``mongo_ledger``). The state is derived, and written for the ``rev`` that it was derived from. An
act's condition stands in its write: of two answers, or two verdicts, of one round one wins.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo import ASCENDING, UpdateOne

from approval_events.adapters.mongo_ledger import entries_of, facts_in
from approval_events.adapters.mongo_upserts import upsert_bulk
from approval_events.application.finding_ports import (
    FindingAdmission,
    FindingCount,
    FindingQuery,
)
from approval_events.domain.facts import Fact, FactKind, earliest
from approval_events.domain.finding import KINDS, Finding, FindingState
from approval_events.domain.readings import facts_of
from linkage_contracts.ids import stable_id
from linkage_contracts.topics import ACTIONS
from linkage_runtime.mongo import Collection, find_by, transient_errors, write_bulk
from linkage_runtime.outbox import Outbox, holding

_STATE_AFTER = {
    FactKind.FINDING_ANSWERED: FindingState.ANSWERED,
    FactKind.FINDING_SENT_BACK: FindingState.SENT_BACK,
    FactKind.FINDING_ACCEPTED: FindingState.ACCEPTED,
}


class MongoFindings:
    """See ``FindingStore``, ``FindingList`` and ``FindingBooks``."""

    def __init__(self, collection: Collection, outbox: Outbox) -> None:
        self._collection = collection
        self._outbox = outbox

    async def create_indexes(self) -> None:
        """List by state and authority, find those of a decision, and what is unpublished."""
        await self._collection.create_index(
            [("state", ASCENDING), ("authority", ASCENDING), ("_id", ASCENDING)], name="pages"
        )
        await self._collection.create_index([("decision_id", ASCENDING)], name="decision")
        await self._outbox.create_index()

    async def find(self, finding_ids: Sequence[str], /) -> dict[str, Finding]:
        """See ``FindingStore``: an act may be known before its finding, which is not known then."""
        found = await find_by(
            self._collection,
            "_id",
            finding_ids,
            also={"facts.finding_raised": {"$ne": None}},
            projection={"outbox": False},
        )
        return {document["_id"]: _finding(document) for document in found}

    async def admit(self, admissions: Sequence[FindingAdmission], /) -> int:
        """See ``FindingStore``."""
        return await write_bulk(self._collection, [_act(admission) for admission in admissions])

    async def publish(self, finding_ids: Sequence[str], /) -> None:
        """See ``FindingStore``."""
        await self._outbox.flush(finding_ids)

    async def sweep(self) -> int:
        """Publish what a dying process left behind; returns how many findings held something."""
        return await self._outbox.sweep()

    async def note(self, facts: Iterable[Fact]) -> None:
        """See ``FindingBooks``."""
        entered: dict[str, list[Fact]] = {}
        for fact in earliest(facts):
            if fact.kind in KINDS and "finding_id" in fact.detail:
                entered.setdefault(str(fact.detail["finding_id"]), []).append(fact)
        await upsert_bulk(self._collection, [_enter(id_, some) for id_, some in entered.items()])
        documents = await find_by(self._collection, "_id", entered, projection={"outbox": False})
        await write_bulk(self._collection, [w for one in documents if (w := _state_write(one))])

    async def of_decisions(self, decision_ids: Iterable[str]) -> Sequence[Finding]:
        """See ``FindingBooks``."""
        found = await find_by(
            self._collection, "decision_id", decision_ids, projection={"outbox": False}
        )
        return [_finding(document) for document in found]

    async def page(self, query: FindingQuery) -> Sequence[Finding]:
        """See ``FindingList``."""
        states = [query.state] if query.state else list(FindingState)
        which = {
            "_id": {"$gt": query.after},
            "state": {"$in": [str(state) for state in states]},
            **_of(query.authorities),
            **({"rule": str(query.rule)} if query.rule else {}),
        }
        with transient_errors():
            cursor = self._collection.find(which, projection={"outbox": False})
            documents = await cursor.sort("_id", ASCENDING).limit(query.limit).to_list(query.limit)
        return [_finding(document) for document in documents]

    async def counts(self, authorities: frozenset[str] | None) -> Sequence[FindingCount]:
        """See ``FindingList``."""
        by = {field: f"${field}" for field in ("authority", "rule", "state")}
        steps: list[dict[str, Any]] = [
            {"$match": {"state": {"$in": list(map(str, FindingState))}, **_of(authorities)}},
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


def _of(authorities: frozenset[str] | None) -> dict[str, Any]:
    return {} if authorities is None else {"authority": {"$in": sorted(authorities)}}


def _enter(finding_id: str, facts: Sequence[Fact]) -> UpdateOne:
    update: dict[str, Any] = {"$min": entries_of(facts), "$inc": {"rev": 1}}
    for fact in facts:
        if fact.kind is FactKind.FINDING_RAISED:
            # What findings are asked for by; the same from every arrival of the same breach.
            update["$set"] = {
                "decision_id": fact.linkage,
                "authority": fact.authority,
                "rule": fact.detail["rule"],
            }
    return UpdateOne({"_id": finding_id}, update, upsert=True)


def _state_write(document: Mapping[str, Any]) -> UpdateOne | None:
    finding = _finding(document)
    if finding.raised is None or document.get("state") == finding.state:
        return None
    which = {"_id": document["_id"], "rev": document["rev"]}
    return UpdateOne(which, {"$set": {"state": str(finding.state)}})


def _act(admission: FindingAdmission) -> UpdateOne:
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
    change = holding([(ACTIONS, event)])
    change["$set"] |= entries_of([fact]) | {"state": str(_STATE_AFTER[fact.kind])}
    change["$inc"] = {"rev": 1}
    return UpdateOne(which, change)


def _finding(document: Mapping[str, Any]) -> Finding:
    return Finding(
        finding_id=document["_id"],
        facts=facts_in(document, document.get("decision_id", ""), document.get("authority", "")),
    )

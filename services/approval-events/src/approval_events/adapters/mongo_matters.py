"""Matters in collections of ``approval_events``, merged by the database as linkages are.

A fact stands at ``facts.<kind>.<key>`` as ``{at, id, …}``, and of two the smallest stays (see
``mongo_ledger``). The state is derived, and written for the ``rev`` that it was derived from. A
matter is known, and has the fields that it is asked for by, once a fact that begins it has come:
what was done about it may come before. An act's condition stands in its write.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pymongo import ASCENDING, UpdateOne

from approval_events.adapters.mongo_ledger import entries_of, facts_in
from approval_events.adapters.mongo_upserts import upsert_bulk
from approval_events.application.acts import Admission
from approval_events.domain.facts import Fact, FactKind, earliest
from approval_events.domain.matter import Matter
from linkage_contracts.envelope import Event
from linkage_contracts.topics import ACTIONS
from linkage_runtime.mongo import Collection, find_by, transient_errors, write_bulk
from linkage_runtime.outbox import Outbox, holding

M = TypeVar("M", bound=Matter)
A = TypeVar("A", bound=Admission)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[M]):
    """What the matters of one collection are made of."""

    matter_of: Callable[[Fact], str | None]
    """Which matter a fact of these kinds is about, if it is about one."""
    facts: frozenset[FactKind]
    begun_by: frozenset[FactKind]
    columns: Callable[[Fact], Mapping[str, Any]]
    """What it is asked for by, from a fact that begins it: the same from every such fact."""
    listed_by: str
    """The one of these that says whose it is."""
    make: Callable[[str, Mapping[FactKind, Mapping[str, Fact]]], M]


class MongoMatters(Generic[M]):
    """See ``MatterBooks``; what is listed by what else is the business of each kind."""

    def __init__(self, collection: Collection, kind: Kind[M]) -> None:
        self._collection = collection
        self._kind = kind

    async def create_indexes(self) -> None:
        """List by state and owner, and find those of a decision."""
        await self._collection.create_index(
            [("state", ASCENDING), (self._kind.listed_by, ASCENDING), ("_id", ASCENDING)],
            name="pages",
        )
        await self._collection.create_index([("decision_id", ASCENDING)], name="decision")

    async def find(self, matter_ids: Sequence[str], /) -> dict[str, M]:
        """Those that are known."""
        found = await find_by(
            self._collection,
            "_id",
            matter_ids,
            also={"decision_id": {"$ne": None}},
            projection={"outbox": False},
        )
        return {document["_id"]: self._matter(document) for document in found}

    async def note(self, facts: Iterable[Fact]) -> None:
        """Enter those facts that matters of this kind are made of; again changes nothing."""
        entered: dict[str, list[Fact]] = {}
        for fact in earliest(facts):
            id_ = self._kind.matter_of(fact) if fact.kind in self._kind.facts else None
            if id_ is not None:
                entered.setdefault(id_, []).append(fact)
        await upsert_bulk(
            self._collection, [self._enter(id_, some) for id_, some in entered.items()]
        )
        documents = await find_by(self._collection, "_id", entered, projection={"outbox": False})
        writes = [self._state_write(one) for one in documents]
        await write_bulk(self._collection, [write for write in writes if write is not None])

    async def of_decisions(self, decision_ids: Iterable[str]) -> Sequence[M]:
        """Those on any version of these decisions."""
        found = await find_by(
            self._collection, "decision_id", decision_ids, projection={"outbox": False}
        )
        return [self._matter(document) for document in found]

    async def listed(
        self,
        states: Iterable[str],
        owners: frozenset[str] | None,
        after: str,
        limit: int,
        **also: str | None,
    ) -> Sequence[M]:
        """In the order of their ids; ``owners`` of ``None`` means everybody's."""
        which = {
            "_id": {"$gt": after},
            **self._which(states, owners),
            **{name: value for name, value in also.items() if value is not None},
        }
        with transient_errors():
            cursor = self._collection.find(which, projection={"outbox": False})
            documents = await cursor.sort("_id", ASCENDING).limit(limit).to_list(limit)
        return [self._matter(document) for document in documents]

    def _which(self, states: Iterable[str], owners: frozenset[str] | None) -> dict[str, Any]:
        whose = {} if owners is None else {self._kind.listed_by: {"$in": sorted(owners)}}
        return {"state": {"$in": [str(state) for state in states]}, **whose}

    def _enter(self, matter_id: str, facts: Sequence[Fact]) -> UpdateOne:
        update: dict[str, Any] = {"$min": entries_of(facts), "$inc": {"rev": 1}}
        for fact in facts:
            if fact.kind in self._kind.begun_by:
                about = {"decision_id": fact.linkage, "authority": fact.authority}
                update["$set"] = {**about, **self._kind.columns(fact)}
        return UpdateOne({"_id": matter_id}, update, upsert=True)

    def _state_write(self, document: Mapping[str, Any]) -> UpdateOne | None:
        state = self._matter(document).state
        if document.get("decision_id") is None or document.get("state") == state:
            return None
        which = {"_id": document["_id"], "rev": document["rev"]}
        return UpdateOne(which, {"$set": {"state": str(state)}})

    def _matter(self, document: Mapping[str, Any]) -> M:
        decision_id, authority = document.get("decision_id", ""), document.get("authority", "")
        return self._kind.make(document["_id"], facts_in(document, decision_id, authority))


class MongoActedMatters(MongoMatters[M], Generic[M, A]):
    """See ``ActStore``: matters that are acted on, and hold the events that tell of it."""

    def __init__(self, collection: Collection, outbox: Outbox, kind: Kind[M]) -> None:
        super().__init__(collection, kind)
        self._outbox = outbox

    async def create_indexes(self) -> None:
        """Find what is unpublished too."""
        await super().create_indexes()
        await self._outbox.create_index()

    async def admit(self, admissions: Sequence[A], /) -> int:
        """See ``ActStore``."""
        return await write_bulk(self._collection, [self._act(one) for one in admissions])

    async def publish(self, matter_ids: Sequence[str], /) -> None:
        """See ``ActStore``."""
        await self._outbox.flush(matter_ids)

    async def sweep(self) -> int:
        """Publish what a dying process left behind; returns how many matters held something."""
        return await self._outbox.sweep()

    @abstractmethod
    def _act(self, admission: A) -> UpdateOne:
        """The write of one act, on condition that it still may be done."""


def act_write(which: Mapping[str, Any], fact: Fact, event: Event, state: str) -> UpdateOne:
    """The write of an act: its fact, its event to be published, the state after it."""
    change = holding([(ACTIONS, event)])
    change["$set"] |= entries_of([fact]) | {"state": str(state)}
    change["$inc"] = {"rev": 1}
    return UpdateOne(dict(which), change)

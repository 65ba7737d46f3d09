"""Cases in MongoDB: ``credit.cases``, ``_id`` = the case's id."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pymongo import ASCENDING, UpdateOne

from credit.domain.cases import Case, CaseKind, CaseState, filed_on
from credit.ports import CaseQuery
from linkage_runtime.mongo import Collection, insert_new, transient_errors, write_bulk

_IN_ORDER = [("filed_at", ASCENDING), ("_id", ASCENDING)]


class MongoCases:
    """A ``CaseLedger``."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def create_indexes(self) -> None:
        """An authority's pages, and everybody's."""
        await self._collection.create_index(
            [("authority", ASCENDING), ("state", ASCENDING), *_IN_ORDER], name="pages"
        )
        await self._collection.create_index([("state", ASCENDING), *_IN_ORDER], name="all_pages")

    async def save(self, cases: Sequence[Case]) -> None:
        """See ``CaseLedger``."""
        documents = {case.case_id: _document(case) for case in cases}
        known = await insert_new(self._collection, list(documents.values()))
        await write_bulk(
            self._collection,
            [
                UpdateOne({"_id": id_, "acts": {"$lt": document["acts"]}}, _set(document))
                for id_, document in documents.items()
                if id_ in known
            ],
        )

    async def of_id(self, case_id: str) -> Case | None:
        """See ``CaseLedger``."""
        with transient_errors():
            found = await self._collection.find_one({"_id": case_id})
        return _case(found) if found else None

    async def page(self, query: CaseQuery) -> Sequence[Case]:
        """See ``CaseLedger``."""
        cursor = self._collection.find(_which(query))
        with transient_errors():
            found = await cursor.sort(_IN_ORDER).limit(query.limit).to_list(query.limit)
        return tuple(map(_case, found))


def _which(query: CaseQuery) -> dict[str, Any]:
    which: dict[str, Any] = {"state": {"$in": [str(state) for state in query.states]}}
    if query.authorities is not None:
        which["authority"] = {"$in": sorted(query.authorities)}
    if query.party is not None:
        which["party"] = query.party
    kinds = [
        {"kind": str(kind), "filed_on": {"$lte": day.isoformat()}}
        for kind, day in query.filed_until.items()
    ]
    both: list[dict[str, Any]] = [{"$or": kinds}]
    if query.after is not None:
        at, id_ = query.after.filed_at, query.after.case_id
        both.append({"$or": [{"filed_at": {"$gt": at}}, {"filed_at": at, "_id": {"$gt": id_}}]})
    return which | {"$and": both}


def _document(case: Case) -> dict[str, Any]:
    fields = asdict(case)
    return {
        "_id": fields.pop("case_id"),
        **fields,
        "kind": str(case.kind),
        "state": str(case.state),
        "facts": list(case.facts),
        "filed_on": filed_on(case).isoformat(),
    }


def _set(document: Mapping[str, Any]) -> dict[str, Any]:
    return {"$set": {name: value for name, value in document.items() if name != "_id"}}


def _case(document: Mapping[str, Any]) -> Case:
    fields = {name: value for name, value in document.items() if name not in {"_id", "filed_on"}}
    return Case(
        case_id=document["_id"],
        **fields
        | {
            "kind": CaseKind(document["kind"]),
            "state": CaseState(document["state"]),
            "facts": tuple(document["facts"]),
        },
    )

"""Linkages in ``approval_events.linkages``: facts merged by the database, the state derived.

A fact stands at ``facts.<kind>.<key>`` as ``{at, id, …}``. ``$min`` compares such documents field
by field, so the smallest (occurred, event id) stays whatever arrives first. Every write of facts
raises ``rev``; a state is written only for the ``rev`` that it was derived from, so none that is
late overwrites a newer one.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo import ASCENDING, UpdateOne

from approval_events.adapters.mongo_upserts import upsert_bulk
from approval_events.application.ports import LinkageQuery
from approval_events.domain.facts import Fact, FactKind, earliest
from approval_events.domain.linkage import Linkage, LinkageState
from linkage_runtime.mongo import Collection, find_by, insert_new, transient_errors, write_bulk


class MongoLedger:
    """See ``Ledger``."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def create_indexes(self) -> None:
        """List one authority's linkages, or all, by state."""
        # One serves both: whoever asks for every state asks for each.
        await self._collection.create_index(
            [("state", ASCENDING), ("authority", ASCENDING), ("_id", ASCENDING)], name="pages"
        )

    async def record(self, facts: Iterable[Fact]) -> None:
        """Insert new pages whole; into the others enter facts, and then the states that changed.

        A page is nearly always begun by its decision. Inserting it costs a tenth of an upsert.
        """
        by_linkage: dict[str, list[Fact]] = {}
        for fact in earliest(facts):
            by_linkage.setdefault(fact.linkage, []).append(fact)
        begun = {id_: entered for id_, entered in by_linkage.items() if _begins(entered)}
        known = await insert_new(
            self._collection, [_page(id_, entered) for id_, entered in begun.items()]
        )
        old = [id_ for id_ in by_linkage if id_ not in begun or id_ in known]
        await upsert_bulk(self._collection, [_enter(id_, by_linkage[id_]) for id_ in old])
        pages = await find_by(self._collection, "_id", old)
        await write_bulk(self._collection, [w for page in pages if (w := _state_write(page))])

    async def page(self, decision_id: str) -> Linkage | None:
        """See ``Ledger``."""
        with transient_errors():
            document = await self._collection.find_one({"_id": decision_id})
        return None if document is None else linkage_of(document)

    async def pages(self, query: LinkageQuery) -> Sequence[Linkage]:
        """See ``Ledger``."""
        which: dict[str, Any] = {"_id": {"$gt": query.after}}
        if query.authorities is not None:
            which["authority"] = {"$in": sorted(query.authorities)}
        states = [query.state] if query.state else list(LinkageState)
        which["state"] = {"$in": [str(state) for state in states]}
        with transient_errors():
            cursor = self._collection.find(which).sort("_id", ASCENDING).limit(query.limit)
            documents = await cursor.to_list(query.limit)
        return [linkage_of(document) for document in documents]


def _begins(facts: Sequence[Fact]) -> bool:
    return any(fact.kind is FactKind.DECIDED for fact in facts)


def _page(decision_id: str, facts: Sequence[Fact]) -> dict[str, Any]:
    linkage = Linkage(decision_id=decision_id, facts={}).merge(facts)
    return {
        "_id": decision_id,
        "authority": linkage.authority,
        "rev": 1,
        **_derived(linkage),
        "facts": {
            str(kind): {key: _entry(fact) for key, fact in places.items()}
            for kind, places in linkage.facts.items()
        },
    }


def entries_of(facts: Iterable[Fact]) -> dict[str, Any]:
    """Facts by their places in a document."""
    return {f"facts.{fact.kind}.{fact.key}": _entry(fact) for fact in facts}


def _entry(fact: Fact) -> dict[str, Any]:
    return {"at": fact.at, "id": fact.id, **fact.detail}


def _derived(linkage: Linkage) -> dict[str, Any]:
    return {"state": str(linkage.state), "closed_at": linkage.closed_at}


def _enter(linkage: str, facts: Sequence[Fact]) -> UpdateOne:
    update: dict[str, Any] = {"$min": entries_of(facts), "$inc": {"rev": 1}}
    if authority := next((fact.authority for fact in facts if fact.authority), None):
        # Every fact that knows the authority knows the same: it is part of the decision's id.
        update["$set"] = {"authority": authority}
    return UpdateOne({"_id": linkage}, update, upsert=True)


def _state_write(document: Mapping[str, Any]) -> UpdateOne | None:
    derived = _derived(linkage_of(document))
    if all(field in document and document[field] == derived[field] for field in derived):
        return None
    return UpdateOne({"_id": document["_id"], "rev": document["rev"]}, {"$set": derived})


def linkage_of(document: Mapping[str, Any]) -> Linkage:
    """A linkage's page as it stands in the database."""
    decision_id, authority = document["_id"], document.get("authority", "")
    facts = facts_in(document, decision_id, authority)
    return Linkage(decision_id=decision_id, authority=authority, facts=facts)


def facts_in(
    document: Mapping[str, Any], decision_id: str, authority: str
) -> dict[FactKind, dict[str, Fact]]:
    """All facts of a document, which are about one decision."""
    return {
        FactKind(kind): {
            key: Fact(
                linkage=decision_id,
                kind=FactKind(kind),
                key=key,
                at=fact["at"],
                id=fact["id"],
                detail={name: fact[name] for name in fact if name not in {"at", "id"}},
                authority=authority,
            )
            for key, fact in places.items()
        }
        for kind, places in document["facts"].items()
    }

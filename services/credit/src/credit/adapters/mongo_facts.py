"""Facts in MongoDB: ``credit.facts``, ``_id`` = the fact's id."""

from collections import defaultdict
from collections.abc import Collection as Members
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pymongo import ASCENDING

from credit.domain.facts import Fact, FactKind, Sanction
from linkage_contracts.codes import PenaltyKind
from linkage_runtime.mongo import Collection, find_by, insert_new, transient_errors


class MongoFacts:
    """A ``FactLedger``."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def create_indexes(self) -> None:
        """One index: all facts of a party, or its few that decide on commitments."""
        await self._collection.create_index(
            [("party", ASCENDING), ("kind", ASCENDING)], name="party_kind"
        )

    async def add(self, facts: Sequence[Fact]) -> tuple[Fact, ...]:
        """See ``FactLedger``."""
        known = await insert_new(self._collection, [_document(fact) for fact in facts])
        return tuple(fact for fact in facts if fact.fact_id not in known)

    async def of_parties(self, parties: Members[str]) -> Mapping[str, tuple[Fact, ...]]:
        """See ``FactLedger``."""
        found: defaultdict[str, list[Fact]] = defaultdict(list)
        for document in await find_by(self._collection, "party", parties):
            found[document["party"]].append(_fact(document))
        return {party: tuple(facts) for party, facts in found.items()}

    async def of_party(
        self, party: str, kinds: Members[FactKind] | None = None
    ) -> tuple[Fact, ...]:
        """See ``FactLedger``."""
        wanted: dict[str, Any] = {"party": party}
        if kinds is not None:
            wanted["kind"] = {"$in": sorted(kinds)}
        with transient_errors():
            documents = await self._collection.find(wanted).to_list(None)
        return tuple(map(_fact, documents))


def _document(fact: Fact) -> dict[str, Any]:
    document: dict[str, Any] = {
        "_id": fact.fact_id,
        "party": fact.party,
        "party_name": fact.party_name,
        "kind": str(fact.kind),
        "occurred_on": fact.occurred_on.isoformat(),
        "occurred_at": fact.occurred_at,
        "authority": fact.authority,
        "event_id": fact.event_id,
        "decision_id": fact.decision_id,
        "result_id": fact.result_id,
        "document_number": fact.document_number,
        "repairs": list(fact.repairs) or None,
    }
    if fact.sanction is not None:
        kinds = [str(kind) for kind in fact.sanction.kinds]
        document["sanction"] = {"kinds": kinds, "fine": str(fact.sanction.fine)}
    return {field: value for field, value in document.items() if value is not None}


def _fact(document: Mapping[str, Any]) -> Fact:
    sanction = document.get("sanction")
    return Fact(
        fact_id=document["_id"],
        party=document["party"],
        party_name=document.get("party_name"),
        kind=FactKind(document["kind"]),
        occurred_on=date.fromisoformat(document["occurred_on"]),
        occurred_at=document["occurred_at"],
        authority=document["authority"],
        event_id=document["event_id"],
        decision_id=document.get("decision_id"),
        result_id=document.get("result_id"),
        document_number=document.get("document_number"),
        sanction=_sanction(sanction) if sanction else None,
        repairs=tuple(document.get("repairs", ())),
    )


def _sanction(document: Mapping[str, Any]) -> Sanction:
    kinds = tuple(PenaltyKind(kind) for kind in document["kinds"])
    return Sanction(kinds=kinds, fine=Decimal(document["fine"]))

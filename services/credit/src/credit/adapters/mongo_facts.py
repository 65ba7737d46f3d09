"""Facts in MongoDB: ``credit.facts``, ``_id`` = the fact's id."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from collections.abc import Collection as Members
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from pymongo import ASCENDING

from credit.domain.facts import ELIGIBILITY_KINDS, Fact, FactKind, ListEntry, Sanction
from linkage_contracts.codes import PartyKind, PenaltyKind
from linkage_runtime.mongo import Collection, find_by, insert_new, transient_errors

_ENTRY_DAYS = ("until", "exit_from")


class MongoFacts:
    """A ``FactLedger``."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def create_indexes(self) -> None:
        """All facts of a party, the few that decide at the counter, and those of a list."""
        await self._collection.create_index([("party", ASCENDING)], name="party")
        await self._collection.create_index(
            [("decides_for", ASCENDING)], name="decides_for", sparse=True
        )
        await self._collection.create_index(
            [("listed_as", ASCENDING)], name="listed_as", sparse=True
        )

    async def add(self, facts: Sequence[Fact]) -> tuple[Fact, ...]:
        """See ``FactLedger``."""
        known = await insert_new(self._collection, [_document(fact) for fact in facts])
        return tuple(fact for fact in facts if fact.fact_id not in known)

    async def of_parties(self, parties: Members[str]) -> Mapping[str, tuple[Fact, ...]]:
        """See ``FactLedger``."""
        return await self._by("party", parties)

    async def of_party(self, party: str) -> tuple[Fact, ...]:
        """See ``FactLedger``."""
        return (await self.of_parties([party])).get(party, ())

    async def deciding(self, parties: Members[str]) -> Mapping[str, tuple[Fact, ...]]:
        """See ``FactLedger``."""
        return await self._by("decides_for", parties)

    async def ever_listed(self, list_code: str, after: str, limit: int) -> Sequence[str]:
        """See ``FactLedger``."""
        parties: dict[str, None] = {}
        while len(parties) < limit:
            last = next(reversed(parties), after)
            within = {"$gt": _listed_as(list_code, last), "$lt": _listed_as(list_code, "~")}
            found = self._collection.find({"listed_as": within}, ["party"])
            with transient_errors():
                entries = await found.sort("listed_as", ASCENDING).limit(limit).to_list(limit)
            # A party may have been entered more than once.
            parties |= dict.fromkeys(entry["party"] for entry in entries)
            if len(entries) < limit:
                break
        return tuple(parties)[:limit]

    async def _by(self, field: str, parties: Members[str]) -> Mapping[str, tuple[Fact, ...]]:
        found: defaultdict[str, list[Fact]] = defaultdict(list)
        for document in await find_by(self._collection, field, parties):
            found[document["party"]].append(_fact(document))
        return {party: tuple(facts) for party, facts in found.items()}

    async def by_party(self) -> AsyncIterator[tuple[Fact, ...]]:
        """The facts of every party, one party after another: memory holds only one's."""
        party: list[Fact] = []
        with transient_errors():
            async for document in self._collection.find({}).sort("party", ASCENDING):
                if party and document["party"] != party[0].party:
                    yield tuple(party)
                    party = []
                party.append(_fact(document))
        if party:
            yield tuple(party)


def _listed_as(list_code: str, party: str) -> str:
    return f"{list_code}/{party}"


def _document(fact: Fact) -> dict[str, Any]:
    document: dict[str, Any] = {
        "_id": fact.fact_id,
        "party": fact.party,
        "decides_for": fact.party if fact.kind in ELIGIBILITY_KINDS else None,
        "party_name": fact.party_name,
        "kind": str(fact.kind),
        "occurred_on": fact.occurred_on.isoformat(),
        "occurred_at": fact.occurred_at,
        "authority": fact.authority,
        "event_id": fact.event_id,
        "decision_id": fact.decision_id,
        "result_id": fact.result_id,
        "document_number": fact.document_number,
        "party_kind": str(fact.party_kind) if fact.party_kind else None,
        "items": list(fact.items) or None,
        "targets": list(fact.targets) or None,
        "told": list(fact.told) or None,
        "corrected_on": fact.corrected_on.isoformat() if fact.corrected_on else None,
    }
    if fact.entry is not None:
        days = {day: getattr(fact.entry, day).isoformat() for day in _ENTRY_DAYS}
        document["entry"] = asdict(fact.entry) | days
        document["listed_as"] = _listed_as(fact.entry.list_code, fact.party)
    if fact.sanction is not None:
        kinds = [str(kind) for kind in fact.sanction.kinds]
        document["sanction"] = {"kinds": kinds, "fine": str(fact.sanction.fine)}
    return {field: value for field, value in document.items() if value is not None}


def _fact(document: Mapping[str, Any]) -> Fact:
    sanction, entry = document.get("sanction"), document.get("entry")
    kind, corrected_on = document.get("party_kind"), document.get("corrected_on")
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
        party_kind=PartyKind(kind) if kind else None,
        items=tuple(document.get("items", ())),
        targets=tuple(document.get("targets", ())),
        told=tuple(document.get("told", ())),
        corrected_on=date.fromisoformat(corrected_on) if corrected_on else None,
        entry=_entry(entry) if entry else None,
    )


def _entry(document: Mapping[str, Any]) -> ListEntry:
    days = {day: date.fromisoformat(document[day]) for day in _ENTRY_DAYS}
    return ListEntry(**{**document, **days})


def _sanction(document: Mapping[str, Any]) -> Sanction:
    kinds = tuple(PenaltyKind(kind) for kind in document["kinds"])
    return Sanction(kinds=kinds, fine=Decimal(document["fine"]))

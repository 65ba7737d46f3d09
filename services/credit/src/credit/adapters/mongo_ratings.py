"""Ratings in MongoDB: ``credit.ratings``, ``_id`` = the party; the whole rating kept as bytes.

Whatever stands beside ``body`` is for looking it up, and comes from it; but for ``rank``: by which
scorecards the party was last rated, also where nothing changed.
"""

from collections.abc import Collection as Members
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pymongo import ASCENDING, DESCENDING, UpdateMany, UpdateOne

from credit.domain.scorecard import Scorecards
from credit.ports import Revision
from linkage_contracts.codes import RiskClass
from linkage_contracts.ratings import Rating
from linkage_runtime.mongo import (
    Collection,
    find_by,
    insert_new,
    parts,
    transient_errors,
    write_bulk,
)


class MongoRatings:
    """A ``RatingLedger``."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def create_indexes(self) -> None:
        """For the newest changes, what is due, who was rated by older scorecards, and counts."""
        counted = f"classes.{Scorecards.GENERAL}"
        await self._collection.create_index([(counted, ASCENDING)], name="class", sparse=True)
        await self._collection.create_index(
            [("class_since", DESCENDING)], name="class_since", sparse=True
        )
        await self._collection.create_index([("due_on", ASCENDING)], name="due_on", sparse=True)
        await self._collection.create_index([("rank", ASCENDING)], name="rank")

    async def of_parties(self, parties: Members[str]) -> Mapping[str, Rating]:
        """See ``RatingLedger``."""
        found = await find_by(self._collection, "_id", parties, projection=["body"])
        return {each["_id"]: Rating.model_validate_json(each["body"]) for each in found}

    async def save(self, revisions: Sequence[Revision], rank: int) -> frozenset[str]:
        """See ``RatingLedger``."""
        first = [
            {"_id": r.after.party} | _fields(r.after, rank) for r in revisions if r.before is None
        ]
        updates = [_update(r.before, r.after, rank) for r in revisions if r.before is not None]
        known = await insert_new(self._collection, first)
        matched = await write_bulk(self._collection, updates)
        if not known and matched == len(updates):
            return frozenset()
        return await self._overtaken(revisions)

    async def due(self, on: date, limit: int) -> tuple[str, ...]:
        """See ``RatingLedger``."""
        return await self._some({"due_on": {"$lte": on.isoformat()}}, "due_on", limit)

    async def ranked_below(self, rank: int, limit: int) -> tuple[str, ...]:
        """See ``RatingLedger``."""
        return await self._some({"rank": {"$lt": rank}}, "rank", limit)

    async def raise_rank(self, parties: Members[str], rank: int) -> None:
        """See ``RatingLedger``."""
        raised = [
            UpdateMany({"_id": {"$in": some}, "rank": {"$lt": rank}}, {"$set": {"rank": rank}})
            for some in parts(parties)
        ]
        await write_bulk(self._collection, raised)

    async def class_counts(self, domain: str) -> Mapping[RiskClass, int]:
        """See ``RatingLedger``."""
        own = f"classes.{domain}"
        # The condition lets the index of the general classes answer alone, without a document.
        stages: list[dict[str, Any]] = [
            {"$match": {own: {"$in": list(map(str, RiskClass))}}},
            {"$group": {"_id": f"${own}", "parties": {"$sum": 1}}},
        ]
        with transient_errors():
            groups = await self._collection.aggregate(stages).to_list(None)
        counts = {group["_id"]: group["parties"] for group in groups}
        return {risk_class: counts.get(risk_class, 0) for risk_class in RiskClass}

    async def newest_changes(self, limit: int) -> tuple[Rating, ...]:
        """See ``RatingLedger``."""
        with transient_errors():
            found = await (
                self._collection.find({"class_since": {"$gte": "1900"}}, projection=["body"])
                .sort([("class_since", DESCENDING), ("_id", ASCENDING)])
                .limit(limit)
                .to_list(limit)
            )
        return tuple(Rating.model_validate_json(each["body"]) for each in found)

    async def _some(self, which: Mapping[str, Any], order: str, limit: int) -> tuple[str, ...]:
        with transient_errors():
            found = await (
                self._collection.find(which, projection=["_id"])
                .sort(order, ASCENDING)
                .limit(limit)
                .to_list(limit)
            )
        return tuple(document["_id"] for document in found)

    async def _overtaken(self, revisions: Sequence[Revision]) -> frozenset[str]:
        """Whose stored rating is another than we wrote; a repeated write may be our own."""
        stored = await self.of_parties([revision.after.party for revision in revisions])
        return frozenset(
            revision.after.party
            for revision in revisions
            if not (found := stored.get(revision.after.party))
            or found.revision != revision.after.revision
        )


def _fields(rating: Rating, rank: int) -> dict[str, Any]:
    classes = {domain.domain: str(domain.risk_class) for domain in rating.domains}
    fields = {
        "revision": rating.revision,
        "classes": {Scorecards.GENERAL: str(rating.risk_class)} | classes,
        "class_since": rating.class_since and rating.class_since.isoformat(),
        "due_on": rating.next_change_on and rating.next_change_on.isoformat(),
        "rank": rank,
        "body": rating.model_dump_json(exclude_none=True).encode(),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _update(before: Rating, after: Rating, rank: int) -> UpdateOne:
    fields = _fields(after, rank)
    gone = {name: "" for name in ("class_since", "due_on") if name not in fields}
    change: dict[str, Any] = {"$set": fields} | ({"$unset": gone} if gone else {})
    return UpdateOne({"_id": before.party, "revision": before.revision}, change)

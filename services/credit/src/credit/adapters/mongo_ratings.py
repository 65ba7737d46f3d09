"""Ratings in MongoDB: ``credit.ratings``, ``_id`` = the party; the whole rating kept as bytes."""

from collections.abc import Collection as Members
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from pymongo import ASCENDING, DESCENDING, UpdateOne

from credit.domain.rating import due_on
from credit.ports import ClassChange, Revision
from linkage_contracts.codes import RiskClass
from linkage_contracts.ratings import Rating
from linkage_runtime.mongo import Collection, find_by, insert_new, transient_errors, write_bulk

KEPT_CHANGES = 20
"""Changes of class kept with a party; the log has them all."""


class MongoRatings:
    """A ``RatingLedger``."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def create_indexes(self) -> None:
        """For the counts of classes, and for the newest changes."""
        await self._collection.create_index([("risk_class", ASCENDING)], name="risk_class")
        await self._collection.create_index([("changed_at", DESCENDING)], name="changed_at")
        await self._collection.create_index([("due_on", ASCENDING)], name="due_on")

    async def of_parties(self, parties: Members[str]) -> Mapping[str, Rating]:
        """See ``RatingLedger``."""
        found = await find_by(self._collection, "_id", parties, projection=["body"])
        return {each["_id"]: Rating.model_validate_json(each["body"]) for each in found}

    async def save(self, revisions: Sequence[Revision]) -> frozenset[str]:
        """See ``RatingLedger``."""
        first = [_document(revision) for revision in revisions if revision.before is None]
        updates = [_update(r, r.before) for r in revisions if r.before is not None]
        known = await insert_new(self._collection, first)
        matched = await write_bulk(self._collection, updates)
        if not known and matched == len(updates):
            return frozenset()
        return await self._overtaken(revisions)

    async def due(self, on: date, limit: int) -> tuple[str, ...]:
        """See ``RatingLedger``."""
        with transient_errors():
            found = await (
                self._collection.find({"due_on": {"$lte": on.isoformat()}}, projection=["_id"])
                .sort("due_on", ASCENDING)
                .limit(limit)
                .to_list(limit)
            )
        return tuple(document["_id"] for document in found)

    async def rated_otherwise(self, scorecard: str, before: date, limit: int) -> tuple[str, ...]:
        """See ``RatingLedger``."""
        otherwise = {"scorecard": {"$ne": scorecard}, "as_of": {"$lt": before.isoformat()}}
        with transient_errors():
            found = await (
                self._collection.find(otherwise, projection=["_id"]).limit(limit).to_list(limit)
            )
        return tuple(document["_id"] for document in found)

    async def class_counts(self) -> Mapping[RiskClass, int]:
        """See ``RatingLedger``."""
        with transient_errors():
            groups = await self._collection.aggregate(
                [{"$group": {"_id": "$risk_class", "parties": {"$sum": 1}}}]
            ).to_list(None)
        counts = {group["_id"]: group["parties"] for group in groups}
        return {risk_class: counts.get(risk_class, 0) for risk_class in RiskClass}

    async def changes_of(self, party: str) -> tuple[ClassChange, ...]:
        """See ``RatingLedger``."""
        with transient_errors():
            found = await self._collection.find_one({"_id": party}, projection=["class_changes"])
        return tuple(_newest_first([found] if found else []))

    async def newest_changes(self, limit: int) -> tuple[ClassChange, ...]:
        """See ``RatingLedger``."""
        # A party with one of the newest changes is among the parties that changed last.
        with transient_errors():
            found = await (
                self._collection.find({"changed_at": {"$exists": True}}, ["class_changes"])
                .sort("changed_at", DESCENDING)
                .limit(limit)
                .to_list(limit)
            )
        return tuple(_newest_first(found)[:limit])

    async def _overtaken(self, revisions: Sequence[Revision]) -> frozenset[str]:
        stored = await self.of_parties([revision.after.party for revision in revisions])
        return frozenset(
            revision.after.party
            for revision in revisions
            if not (found := stored.get(revision.after.party))
            or _version(found) != _version(revision.after)
        )


def _version(rating: Rating) -> str:
    """What compare-and-set goes by, in one field: each condition more costs an update time."""
    return f"{rating.revision} {rating.as_of} {rating.scorecard}"


def _fields(revision: Revision) -> dict[str, Any]:
    rating = revision.after
    return {
        "version": _version(rating),
        "revision": rating.revision,
        "as_of": rating.as_of.isoformat(),
        "risk_class": str(rating.risk_class),
        "points": rating.points,
        "scorecard": rating.scorecard,
        "due_on": due_on(rating).isoformat(),
        "rated_at": revision.at,
        "body": _bytes(rating),
    }


def _document(revision: Revision) -> dict[str, Any]:
    return {"_id": revision.after.party, "class_changes": []} | _fields(revision)


def _update(revision: Revision, before: Rating) -> UpdateOne:
    fields, change = _fields(revision), {}
    if before.risk_class is not revision.after.risk_class:
        fields["changed_at"] = revision.at
        entry = {"at": revision.at, "body": fields["body"]}
        change = {"$push": {"class_changes": {"$each": [entry], "$slice": -KEPT_CHANGES}}}
    unmoved = {"_id": before.party, "version": _version(before)}
    return UpdateOne(unmoved, {"$set": fields} | change)


def _bytes(rating: Rating) -> bytes:
    return rating.model_dump_json(exclude_none=True).encode()


def _newest_first(documents: Iterable[Mapping[str, Any]]) -> list[ClassChange]:
    changes = [
        ClassChange(at=change["at"], rating=Rating.model_validate_json(change["body"]))
        for document in documents
        for change in document["class_changes"]
    ]
    return sorted(changes, key=lambda change: (change.at, change.rating.party), reverse=True)

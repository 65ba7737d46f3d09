"""This service's copy of the ratings, in ``approval_events.ratings``: classes, and bars."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import UpdateOne

from approval_events.application.ask_credit import Copy
from linkage_contracts.codes import RiskClass
from linkage_contracts.ratings import Bar, PartyRated
from linkage_runtime.mongo import Collection, find_by, insert_new, write_bulk


class MongoRatings:
    """``RatingCopies`` and ``RatingBook``; an older revision never overwrites a newer one."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def copies(self, parties: Sequence[str]) -> Mapping[str, Copy]:
        """See ``RatingCopies``."""
        return {
            document["_id"]: Copy(
                bars=tuple(Bar.model_validate(bar) for bar in document["bars"]),
                risk_class=RiskClass(document["risk_class"]),
                told_at=document["told_at"],
            )
            for document in await find_by(self._collection, "_id", parties)
        }

    async def note(self, ratings: Sequence[PartyRated]) -> None:
        """See ``RatingBook``."""
        documents = {told.data.party: _document(told) for told in ratings}
        known = await insert_new(
            self._collection, [{"_id": party, **d} for party, d in documents.items()]
        )
        updates = [
            UpdateOne(
                {"_id": party, "revision": {"$lt": documents[party]["revision"]}},
                {"$set": documents[party]},
            )
            for party in known
        ]
        await write_bulk(self._collection, updates)


def _document(told: PartyRated) -> dict[str, Any]:
    rating = told.data
    return {
        "revision": rating.revision,
        "risk_class": str(rating.risk_class),
        "bars": [bar.model_dump(mode="json") for bar in rating.bars],
        "told_at": told.recordedtime,
    }

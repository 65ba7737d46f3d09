"""This service's copy of the ratings, in ``approval_events.ratings``: classes, and bars."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import UpdateOne

from approval_events.domain.case import Standing
from linkage_contracts.codes import RiskClass
from linkage_contracts.ratings import Bar, Rating
from linkage_runtime.mongo import Collection, find_by, insert_new, write_bulk


class MongoRatings:
    """See ``Ratings``; an older revision never overwrites a newer one."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def standings(self, parties: Sequence[str]) -> Mapping[str, Standing]:
        """See ``Ratings``."""
        documents = await find_by(
            self._collection, "_id", parties, projection=["bars", "risk_class"]
        )
        return {
            document["_id"]: Standing(
                bars=tuple(Bar.model_validate(bar) for bar in document["bars"]),
                risk_class=RiskClass(document["risk_class"]),
            )
            for document in documents
        }

    async def note(self, ratings: Sequence[Rating]) -> None:
        """See ``Ratings``."""
        documents = {rating.party: _document(rating) for rating in ratings}
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


def _document(rating: Rating) -> dict[str, Any]:
    return {
        "revision": rating.revision,
        "risk_class": str(rating.risk_class),
        "as_of": rating.as_of.isoformat(),
        "bars": [bar.model_dump(mode="json") for bar in rating.bars],
    }

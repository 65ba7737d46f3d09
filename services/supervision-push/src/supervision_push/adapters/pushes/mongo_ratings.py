"""Each party's class in MongoDB: ``ratings``, ``_id`` = party, ``risk_class``, ``revision``."""

from collections.abc import Iterable, Sequence
from typing import Any

from pymongo import UpdateOne

from linkage_contracts.codes import RiskClass
from linkage_contracts.ratings import Rating
from linkage_runtime.mongo import Collection, find_by, insert_new, write_bulk


class MongoRatings:
    """See ``application.ports.PartyClasses`` and ``application.keep_classes.ClassBook``."""

    def __init__(self, ratings: Collection) -> None:
        self._ratings = ratings

    async def of(self, parties: Iterable[str]) -> dict[str, RiskClass]:
        """See the port."""
        found = await find_by(self._ratings, "_id", parties)
        return {document["_id"]: RiskClass(document["risk_class"]) for document in found}

    async def keep(self, ratings: Sequence[Rating]) -> None:
        """See the port."""
        documents = {rating.party: _fields(rating) for rating in ratings}
        known = await insert_new(
            self._ratings, [{"_id": party, **fields} for party, fields in documents.items()]
        )
        await write_bulk(
            self._ratings,
            [
                UpdateOne(
                    {"_id": party, "revision": {"$lt": documents[party]["revision"]}},
                    {"$set": documents[party]},
                )
                for party in known
            ],
        )


def _fields(rating: Rating) -> dict[str, Any]:
    return {"risk_class": rating.risk_class.value, "revision": rating.revision}

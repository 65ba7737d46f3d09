"""Each party's classes in MongoDB: ``ratings``, ``_id`` = party; ``by_item`` where domains are."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo import UpdateOne

from linkage_contracts.codes import RiskClass
from linkage_contracts.ratings import Rating
from linkage_runtime.mongo import Collection, find_by, insert_new, write_bulk
from supervision_push.domain.party_class import PartyClass, class_of


class MongoRatings:
    """See ``application.ports.PartyClasses`` and ``application.keep_classes.ClassBook``."""

    def __init__(self, ratings: Collection) -> None:
        self._ratings = ratings

    async def of(self, parties: Iterable[str]) -> dict[str, PartyClass]:
        """See the port."""
        found = await find_by(self._ratings, "_id", parties)
        return {document["_id"]: _class(document) for document in found}

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
    told = class_of(rating)
    return {
        "risk_class": str(told.general),
        "by_item": {item: str(risk_class) for item, risk_class in told.by_item.items()},
        "revision": rating.revision,
    }


def _class(document: Mapping[str, Any]) -> PartyClass:
    by_item = document["by_item"].items()
    return PartyClass(
        general=RiskClass(document["risk_class"]),
        by_item={item: RiskClass(risk_class) for item, risk_class in by_item},
    )

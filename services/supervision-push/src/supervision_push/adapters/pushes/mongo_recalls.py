"""Tombstones in MongoDB: ``recalls``, ``_id`` = decision_id, ``last`` = its latest ending."""

from collections.abc import Iterable, Sequence

from pymongo import UpdateOne

from linkage_runtime.mongo import Collection, find_by, write_bulk
from supervision_push.adapters.pushes.push_documents import ending_fields, ending_in
from supervision_push.domain.ending import Ending


class MongoRecalls:
    """See ``application.ports.Recalls``."""

    def __init__(self, recalls: Collection) -> None:
        self._recalls = recalls

    async def put(self, endings: Sequence[Ending]) -> None:
        """See the port."""
        latest: dict[str, Ending] = {}
        for ending in endings:
            known = latest.get(ending.decision_id)
            if known is None or (known.on, known.event_id) < (ending.on, ending.event_id):
                latest[ending.decision_id] = ending
        await write_bulk(
            self._recalls,
            [
                # $max compares documents field by field: only a later ending replaces.
                UpdateOne(
                    {"_id": ending.decision_id},
                    {"$max": {"last": ending_fields(ending)}},
                    upsert=True,
                )
                for ending in latest.values()
            ],
        )

    async def of(self, decision_ids: Iterable[str]) -> list[Ending]:
        """See the port."""
        found = await find_by(self._recalls, "_id", decision_ids)
        return [ending_in(document) for document in found]

"""Acts on what exists: one conditional write that also holds the event, then publish, then mark.

A document that was acted on holds its events in ``outbox`` until Kafka has acknowledged them. The
caller publishes at once; a sweep publishes what a dying process left behind. Publishing twice is
harmless: the event's id is the same.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

from pymongo import ASCENDING, UpdateMany

from linkage_contracts.envelope import Event
from linkage_contracts.topics import Topic
from linkage_runtime.batched import batched
from linkage_runtime.clock import now
from linkage_runtime.mongo import AT_ONCE, Collection, parts, transient_errors, write_bulk
from linkage_runtime.publisher import KafkaPublisher
from linkage_runtime.traces import stamped

SWEEP_AFTER = timedelta(seconds=5)
SWEEP_LIMIT = 5_000


def holding(events: Iterable[tuple[Topic, Event]]) -> dict[str, dict[str, Any]]:
    """Update operators that put events into an outbox; merge them into the act's own update.

    Both ``$push`` on ``outbox`` and ``$set`` on ``unpublished`` and ``held_at`` are used up by it.
    """
    letters = [
        {
            "id": event.id,
            "topic": topic.name,
            "key": event.partitionkey,
            "body": stamped(event).to_bytes(),
        }
        for topic, event in events
    ]
    return {
        "$push": {"outbox": {"$each": letters}},
        "$set": {"unpublished": True, "held_at": now()},
    }


class Outbox:
    """Publishes what the documents of one collection hold."""

    def __init__(self, collection: Collection, publisher: KafkaPublisher) -> None:
        self._collection = collection
        self._publisher = publisher

    async def create_index(self) -> None:
        """Let the sweep cost what is unpublished, not what is stored."""
        await self._collection.create_index(
            [("held_at", ASCENDING)],
            name="unpublished",
            partialFilterExpression={"unpublished": True},
        )

    async def flush(self, ids: Sequence[str]) -> None:
        """Publish and mark what these documents hold."""
        for some in parts(ids):
            await self._publish({"_id": {"$in": some}, "unpublished": True})

    async def sweep(self) -> int:
        """Publish and mark what was left for ``SWEEP_AFTER``; returns how many documents."""
        return await self._publish({"unpublished": True, "held_at": {"$lt": now() - SWEEP_AFTER}})

    async def empty(self) -> int:
        """Publish and mark all there is, however new; returns how many documents."""
        return await self._publish({"unpublished": True})

    async def _publish(self, which: dict[str, Any]) -> int:
        with transient_errors():
            cursor = self._collection.find(which, projection={"outbox": True})
            documents = await cursor.sort("held_at", ASCENDING).to_list(SWEEP_LIMIT)
        letters = [letter for document in documents for letter in document["outbox"]]
        for topic, group in groupby(sorted(letters, key=_topic), key=_topic):
            await self._publisher.send(
                topic, [(letter["key"].encode(), letter["body"], ()) for letter in group]
            )
        await write_bulk(self._collection, [_mark(some) for some in batched(documents, AT_ONCE)])
        return len(documents)


def _topic(letter: dict[str, Any]) -> str:
    return str(letter["topic"])


def _mark(documents: Sequence[dict[str, Any]]) -> UpdateMany:
    published = [letter["id"] for document in documents for letter in document["outbox"]]
    # Where another act put more in meanwhile, nothing is taken out: its flush publishes both.
    unpublished = {"$elemMatch": {"id": {"$nin": published}}}
    which = {
        "_id": {"$in": [document["_id"] for document in documents]},
        "outbox": {"$not": unpublished},
    }
    return UpdateMany(which, {"$unset": {"outbox": "", "unpublished": "", "held_at": ""}})

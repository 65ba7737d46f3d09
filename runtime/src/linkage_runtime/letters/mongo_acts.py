"""What was done about dead letters: ``linkage_operations.dead_letter_acts``, one for a letter.

``_id`` is the letter's, so that of two people one acts and the other is told. A replay is admitted
first and marked as published afterwards; one that was interrupted in between may be repeated.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pymongo import UpdateOne

from linkage_runtime.mongo import Database, find_by, insert_new, transient_errors, write_bulk

DATABASE = "linkage_operations"


class Done(StrEnum):
    """What may be done about a letter."""

    REPLAYED = "replayed"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who did what about a letter, when and why."""

    letter: str
    done: Done
    by: str
    why: str
    at: datetime
    event_id: str | None = None
    """Of what was published again."""
    edited: bool = False
    published: bool = True
    """False while a replay is not acknowledged by Kafka yet."""


class MongoLetterActs:
    """The acts, by letter."""

    def __init__(self, database: Database) -> None:
        self._acts = database["dead_letter_acts"]

    async def of(self, letters: Iterable[str]) -> Mapping[str, Act]:
        """The acts on these letters, by letter."""
        return {one["_id"]: _act(one) for one in await find_by(self._acts, "_id", letters)}

    async def admit(self, acts: Collection[Act]) -> frozenset[str]:
        """Enter these; returns the letters on which somebody acted before."""
        return await insert_new(self._acts, [_document(act) for act in acts])

    async def mark(self, letters: Collection[str]) -> None:
        """What was to be published for these was acknowledged."""
        published = {"$set": {"published": True}}
        await write_bulk(self._acts, [UpdateOne({"_id": one}, published) for one in letters])

    async def replayed(self) -> frozenset[str]:
        """All letters whose event stands on its topic again."""
        which = {"done": str(Done.REPLAYED), "published": True}
        with transient_errors():
            found = self._acts.find(which, projection={"_id": True})
            return frozenset([one["_id"] async for one in found])


def _document(act: Act) -> dict[str, Any]:
    return {
        "_id": act.letter,
        "done": str(act.done),
        "by": act.by,
        "why": act.why,
        "at": act.at,
        "event_id": act.event_id,
        "edited": act.edited,
        "published": act.published,
    }


def _act(document: Mapping[str, Any]) -> Act:
    return Act(
        letter=document["_id"],
        done=Done(document["done"]),
        by=document["by"],
        why=document["why"],
        at=document["at"],
        event_id=document["event_id"],
        edited=document["edited"],
        published=document["published"],
    )

"""Clocks embedded in documents of any collection: ``clocks.<name>``, ``level`` and ``next_at``.

A document that carries clocks has these fields, made by ``clock_fields``::

    clocks: {receipt: {started_at, due_on, due_at, warn_at, escalate_at, provisional, lapses,
             level, stopped_at}, …}
    level:  how far the worst of them has gone (0 quiet, 1 warned, 2 overdue, 3 escalated)
    next_at: the earliest instant at which one of them has something to tell; absent when none has
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pymongo import ASCENDING, UpdateOne

from linkage_contracts.codes import Clock
from linkage_runtime.mongo import Collection, transient_errors, write_bulk
from supervision_push.application.chase_overdue import Chased, Subject
from supervision_push.domain.clocks import Level, RunningClock, highest_level, next_firing


def clock_fields(clocks: Iterable[RunningClock]) -> dict[str, Any]:
    """The fields of a new document."""
    running = tuple(clocks)
    fields: dict[str, Any] = {
        "clocks": {str(clock.clock): _document(clock) for clock in running},
        "level": int(highest_level(running)),
    }
    at = next_firing(running)
    return fields | ({"next_at": at} if at else {})


def clock_changes(clocks: Iterable[RunningClock]) -> dict[str, dict[str, Any]]:
    """``$set`` and ``$unset`` that bring an existing document to these clocks."""
    fields = clock_fields(clocks)
    changes: dict[str, dict[str, Any]] = {"$set": fields}
    return changes if "next_at" in fields else changes | {"$unset": {"next_at": ""}}


def clocks_in(document: Mapping[str, Any]) -> tuple[RunningClock, ...]:
    """The clocks of a document."""
    return tuple(_clock(name, fields) for name, fields in document.get("clocks", {}).items())


class MongoClocks:
    """The documents of one collection whose clocks have something to tell."""

    def __init__(
        self, collection: Collection, subject_of: Callable[[Mapping[str, Any]], Subject]
    ) -> None:
        self._collection = collection
        self._subject_of = subject_of

    async def create_index(self) -> None:
        """Let a chase cost what is due, not what is stored."""
        # Sparse, and not partial on $exists: for that the embedded database reads the collection.
        await self._collection.create_index([("next_at", ASCENDING)], name="clocks", sparse=True)

    async def due(self, at: datetime, limit: int) -> list[Subject]:
        """Those whose ``next_at`` has come, earliest first."""
        with transient_errors():
            cursor = self._collection.find(
                {"next_at": {"$lte": at}}, projection={"body": False, "outbox": False}
            )
            documents = await cursor.sort("next_at", ASCENDING).to_list(limit)
        return [self._subject_of(document) for document in documents]

    async def mark(self, chased: Sequence[Chased]) -> None:
        """Remember what was told; where somebody moved the clocks, the next chase looks again."""
        marked = await write_bulk(self._collection, [_moved_on(one) for one in chased])
        if marked < len(chased):
            # Told is told, though an act stopped the clock at that very moment.
            await write_bulk(self._collection, [_told(one) for one in chased])


def _moved_on(chased: Chased) -> UpdateOne:
    at = next_firing(chased.clocks)
    next_at = {"$unset": {"next_at": ""}} if at is None else {"$set": {"next_at": at}}
    which = {"_id": chased.subject.key, "next_at": chased.subject.next_at}
    return UpdateOne(which, _levels(chased) | next_at)


def _told(chased: Chased) -> UpdateOne:
    return UpdateOne({"_id": chased.subject.key}, _levels(chased))


def _levels(chased: Chased) -> dict[str, dict[str, Any]]:
    # Levels only, and never lower: an act that stops a clock meanwhile must not be undone.
    levels = {f"clocks.{clock.clock}.level": int(clock.level) for clock in chased.clocks}
    worst = int(highest_level(chased.clocks))
    return {"$max": levels | {"level": worst}, "$inc": {"revision": 1}}


def _document(clock: RunningClock) -> dict[str, Any]:
    return {
        "started_at": clock.started_at,
        "due_on": clock.due_on.isoformat(),
        "due_at": clock.due_at,
        "warn_at": clock.warn_at,
        "escalate_at": clock.escalate_at,
        "provisional": clock.provisional,
        "lapses": clock.lapses,
        "level": int(clock.level),
        "stopped_at": clock.stopped_at,
    }


def _clock(name: str, fields: Mapping[str, Any]) -> RunningClock:
    return RunningClock(
        clock=Clock(name),
        **{
            **fields,
            "due_on": date.fromisoformat(fields["due_on"]),
            "level": Level(fields["level"]),
        },
    )

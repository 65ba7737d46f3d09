"""What is noted of pushes while they are made again, in ``retellings``; dropped after it.

_id = push_id, ``events.<event id>`` = its bytes, ``decision`` = the decision event's id, ``noted``
counts its notes, ``untold`` and ``settling`` are there while there is something to do. Beside it
``decision_bodies`` and ``returns``, of which pushes and pool entries are made.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from pymongo import ASCENDING, UpdateOne

from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.envelope import Event
from linkage_contracts.progress import PushOpened, PushRef, PushReturned
from linkage_contracts.topics import DECISIONS, PROGRESS
from linkage_runtime.mongo import Database, find_by, insert_new, transient_errors, write_bulk
from supervision_push.application.restore_ports import Told


class MongoRetellings:
    """See ``Retellings``."""

    def __init__(self, database: Database) -> None:
        self._pushes = database["retellings"]
        self._bodies = database["decision_bodies"]
        self._returns = database["returns"]

    async def create_indexes(self) -> None:
        """Find what is still to be done."""
        for field in ("untold", "settling"):
            await self._pushes.create_index([(field, ASCENDING)], name=field, sparse=True)

    async def decisions(self, decisions: Sequence[tuple[DecisionEvent, bytes]]) -> None:
        """See the port; of two contents under one id the first stands."""
        first: dict[str, bytes] = {}
        for event, body in decisions:
            first.setdefault(event.id, body)
        await insert_new(self._bodies, [{"_id": id_, "body": b} for id_, b in first.items()])

    async def note(self, events: Sequence[Event]) -> None:
        """See the port."""
        noted: dict[str, list[Any]] = defaultdict(list)
        for event in events:
            if isinstance(about := cast("Any", event).data, PushRef):
                noted[about.push_id].append(event)
        await write_bulk(self._pushes, [_noted(id_, some) for id_, some in noted.items()])
        returns = {e.data.pool_id: e.data.recipient for e in events if isinstance(e, PushReturned)}
        await insert_new(self._returns, [{"_id": p, "by": by} for p, by in returns.items()])

    async def bodies(self, event_ids: Iterable[str]) -> Mapping[str, bytes]:
        """See the port."""
        return {one["_id"]: one["body"] for one in await find_by(self._bodies, "_id", event_ids)}

    async def untold(self, limit: int) -> list[Told]:
        """See the port."""
        return await self._told("untold", limit)

    async def written(self, told: Sequence[Told]) -> None:
        """See the port."""
        await self._done("untold", told)

    async def settling(self, limit: int) -> list[Told]:
        """See the port."""
        return await self._told("settling", limit)

    async def settled(self, told: Sequence[Told]) -> None:
        """See the port."""
        await self._done("settling", told)

    async def returned_by(self, pool_id: str) -> str | None:
        """See the port."""
        with transient_errors():
            found = await self._returns.find_one({"_id": pool_id})
        return str(found["by"]) if found else None

    async def _told(self, flag: str, limit: int) -> list[Told]:
        with transient_errors():
            documents = await self._pushes.find({flag: True}).limit(limit).to_list(limit)
        bodies = await self.bodies({one["decision"] for one in documents})
        # A step may be read before its opening: until that comes there is nothing to write.
        waiting = [one for one in documents if "opened" not in one or one["decision"] not in bodies]
        await write_bulk(
            self._pushes,
            [UpdateOne({"_id": one["_id"]}, {"$unset": {flag: ""}}) for one in waiting],
        )
        return [
            Told(
                push_id=one["_id"],
                events=tuple(PROGRESS.read(body) for body in one["events"].values()),
                decision=cast("DecisionEvent", DECISIONS.read(bodies[one["decision"]])),
                body=bodies[one["decision"]],
                noted=one["noted"],
            )
            for one in documents
            if one not in waiting
        ]

    async def _done(self, flag: str, told: Sequence[Told]) -> None:
        # What was noted of one meanwhile is still to be written.
        await write_bulk(
            self._pushes,
            [
                UpdateOne({"_id": one.push_id, "noted": one.noted}, {"$unset": {flag: ""}})
                for one in told
            ],
        )


def _noted(push_id: str, events: Sequence[Any]) -> UpdateOne:
    bodies = {f"events.{event.id}": event.to_bytes() for event in events}
    about: dict[str, Any] = {"decision": events[0].data.decision_event_id, "untold": True}
    opened = [event for event in events if isinstance(event, PushOpened)]
    if opened:
        about["opened"] = True
    if any(event.data.resolves for event in opened):
        about["settling"] = True
    return UpdateOne({"_id": push_id}, {"$set": bodies | about, "$inc": {"noted": 1}}, upsert=True)

"""The ledger of pushes in MongoDB (``supervision_push.pushes``); see ``push_documents``."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel, UpdateOne

from linkage_contracts.codes import Channel
from linkage_runtime.clock import now
from linkage_runtime.mongo import (
    Collection,
    find_by,
    insert_new,
    parts,
    transient_errors,
    write_bulk,
)
from linkage_runtime.outbox import SWEEP_AFTER, Outbox, holding
from supervision_push.adapters.pushes.mongo_deliveries import MongoDeliveries
from supervision_push.adapters.pushes.mongo_standing import read_standing
from supervision_push.adapters.pushes.push_documents import (
    WITHOUT_BODY,
    push_changes,
    push_document,
    push_in,
)
from supervision_push.application.ports import NewPush, OpenedPushes, ReturnedPush, Step
from supervision_push.domain.ending import Ending, is_void
from supervision_push.domain.push import Push
from supervision_push.domain.routing import Standing
from supervision_push.domain.steps import PushState

_INDEXES = (
    IndexModel([("decision_id", ASCENDING)], name="decision"),
    # 待办, oldest first, and the counts per organisation.
    IndexModel(
        [("recipient", ASCENDING), ("state", ASCENDING), ("opened_at", ASCENDING)], name="to_do"
    ),
    IndexModel(
        [("deem_at", ASCENDING)],
        name="lapsing",
        sparse=True,
    ),
    IndexModel([("returned.at", ASCENDING)], name="returned", sparse=True),
    IndexModel(
        [("finish_at", ASCENDING)],
        name="to_finish",
        sparse=True,
    ),
)


class MongoPushes:
    """See ``application.ports.PushLedger``."""

    def __init__(
        self, pushes: Collection, deliveries: Collection, pool: Collection, outbox: Outbox
    ) -> None:
        self._pushes = pushes
        self._deliveries = MongoDeliveries(deliveries)
        self._pool = pool
        self._outbox = outbox

    async def create_indexes(self) -> None:
        """Idempotent."""
        await self._pushes.create_indexes(list(_INDEXES))
        await self._deliveries.create_index()
        await self._outbox.create_index()

    async def open(self, pushes: Sequence[NewPush]) -> OpenedPushes:
        """See the port."""
        documents = [push_document(one.push, one.body) for one in pushes]
        known = await insert_new(self._pushes, documents)
        stored = await self.find(known)
        return OpenedPushes(
            pushes=tuple(stored.get(one.push.push_id, one.push) for one in pushes),
            fresh=frozenset(one.push.push_id for one in pushes) - known,
        )

    async def find(self, push_ids: Iterable[str]) -> dict[str, Push]:
        """See the port."""
        wanted = list(push_ids)
        delivered = await self._deliveries.of(wanted)
        found = [push async for push in self._read_all(wanted, "_id")]
        return {
            push.push_id: replace(push, delivery=push.delivery or delivered.get(push.push_id))
            for push in found
        }

    async def delivered(self, push_ids: Iterable[str]) -> frozenset[str]:
        """See the port."""
        return frozenset(await self._deliveries.of(push_ids))

    async def undelivered(self, organisation: str, push_ids: Iterable[str]) -> list[Push]:
        """See the port."""
        found = [push async for push in self._read_all(push_ids, "_id")]
        return [one for one in found if one.recipient == organisation and one.delivery is None]

    async def lapsing(self, at: datetime, limit: int) -> list[Push]:
        """See the port."""
        with transient_errors():
            cursor = self._pushes.find({"deem_at": {"$lte": at}}, projection=WITHOUT_BODY)
            return [push_in(document) for document in await cursor.limit(limit).to_list(limit)]

    async def standing(self, decision_ids: Iterable[str]) -> dict[str, Standing]:
        """See the port."""
        return await read_standing(decision_ids, pushes=self._pushes, pool=self._pool)

    async def rounds(self, recipient: str, decision_ids: Iterable[str]) -> dict[str, int]:
        """See the port."""
        highest: dict[str, int] = {}
        async for push in self._read_all(decision_ids, "decision_id"):
            if push.recipient == recipient:
                highest[push.event_id] = max(push.round, highest.get(push.event_id, 0))
        return highest

    async def save(self, steps: Sequence[Step]) -> int:
        """See the port."""
        return await write_bulk(self._pushes, [_update(step) for step in steps])

    async def deliver(self, push_ids: Sequence[str], channel: Channel, at: datetime) -> None:
        """See the port."""
        await self._deliveries.add(push_ids, channel, at)

    async def ended(self, endings: Sequence[Ending]) -> list[Push]:
        """See the port."""
        ending_of = {ending.decision_id: ending for ending in endings}
        found = [push async for push in self._read_all(ending_of, "decision_id")]
        return [push for push in found if is_void(push, ending_of[push.decision_id])]

    async def unfinished_returns(self, push_ids: Sequence[str] | None) -> list[ReturnedPush]:
        """See the port."""
        which = left_behind() if push_ids is None else among(push_ids)
        with transient_errors():
            found = await self._pushes.find(which, projection={"outbox": False}).to_list(None)
        return [ReturnedPush(push=push_in(one), body=one["body"]) for one in found]

    async def finished(self, push_ids: Sequence[str]) -> None:
        """See the port."""
        for some in parts(push_ids):
            with transient_errors():
                await self._pushes.update_many(
                    {"_id": {"$in": some}}, {"$unset": {"finish_at": ""}}
                )

    async def flush(self, push_ids: Sequence[str]) -> None:
        """See the port."""
        await self._outbox.flush(push_ids)

    async def _read_all(self, values: Iterable[str], field: str) -> AsyncIterator[Push]:
        for document in await find_by(self._pushes, field, values, projection=WITHOUT_BODY):
            yield push_in(document)


def left_behind() -> dict[str, Any]:
    """What some process began to finish, and did not within the time of a sweep."""
    return {"finish_at": {"$lt": now() - SWEEP_AFTER}}


def among(ids: Sequence[str]) -> dict[str, Any]:
    """Those of these that are still to be finished."""
    return {"_id": {"$in": list(ids)}, "finish_at": {"$exists": True}}


def _update(step: Step) -> UpdateOne:
    before, after = step.before, step.after
    changes = push_changes(before, after) | {"$inc": {"revision": 1}}
    if after.state is PushState.RETURNED:
        changes["$set"]["finish_at"] = now()
    if step.letters:
        held = holding(step.letters)
        changes["$set"] |= held["$set"]
        changes["$push"] = held["$push"]
    return UpdateOne({"_id": before.push_id, "revision": before.revision}, changes)

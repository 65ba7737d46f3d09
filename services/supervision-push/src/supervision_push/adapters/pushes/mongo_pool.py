"""The pool in MongoDB (``supervision_push.pool``); its documents: see ``push_documents``."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo import ASCENDING, IndexModel, UpdateOne

from linkage_runtime.clock import now
from linkage_runtime.mongo import (
    Collection,
    find_by,
    insert_new,
    parts,
    transient_errors,
    write_bulk,
)
from linkage_runtime.outbox import Outbox, holding
from supervision_push.adapters.pushes.mongo_pushes import among, left_behind
from supervision_push.adapters.pushes.push_documents import (
    claim_fields,
    entry_document,
    entry_in,
    push_document,
    push_in,
)
from supervision_push.application.ports import NewPush, Taking, WaitingEntry
from supervision_push.domain.pool import Claim, PoolEntry

_INDEXES = (
    IndexModel([("decision_id", ASCENDING)], name="decision"),
    IndexModel(
        [("entered_at", ASCENDING)],
        name="waiting",
        partialFilterExpression={"waiting": True},
    ),
    IndexModel(
        [("finish_at", ASCENDING)],
        name="to_finish",
        sparse=True,
    ),
)


class MongoPool:
    """See ``application.ports.Pool``."""

    def __init__(self, pool: Collection, outbox: Outbox) -> None:
        self._pool = pool
        self._outbox = outbox

    async def create_indexes(self) -> None:
        """Idempotent."""
        await self._pool.create_indexes(list(_INDEXES))
        await self._outbox.create_index()

    async def add(self, entries: Sequence[WaitingEntry]) -> dict[str, PoolEntry]:
        """See the port."""
        documents = [entry_document(one.entry) | {"body": one.body} for one in entries]
        known = await insert_new(self._pool, documents)
        found = await self.find(known) if known else {}
        return {pool_id: one.entry for pool_id, one in found.items()}

    async def claimed(self, claims: Mapping[str, Claim]) -> None:
        """See ``restore_ports.ClaimedPool``."""
        await write_bulk(
            self._pool,
            [
                UpdateOne(
                    {"_id": pool_id, "waiting": True},
                    {"$set": {"waiting": False, "claim": claim_fields(claim)}},
                )
                for pool_id, claim in claims.items()
            ],
        )

    async def find(self, pool_ids: Iterable[str]) -> dict[str, WaitingEntry]:
        """See the port."""
        without = {"outbox": False, "opening": False}
        found = await find_by(self._pool, "_id", pool_ids, projection=without)
        return {
            document["_id"]: WaitingEntry(entry=entry_in(document), body=document["body"])
            for document in found
        }

    async def take(self, takings: Sequence[Taking]) -> int:
        """See the port."""
        return await write_bulk(self._pool, [_update(taking) for taking in takings])

    async def unfinished(self, pool_ids: Sequence[str] | None) -> dict[str, NewPush]:
        """See the port."""
        which = left_behind() if pool_ids is None else among(pool_ids)
        with transient_errors():
            found = await self._pool.find(which, projection={"opening": True}).to_list(None)
        return {
            document["_id"]: NewPush(
                push=push_in(document["opening"]), body=document["opening"]["body"]
            )
            for document in found
        }

    async def finished(self, pool_ids: Sequence[str]) -> None:
        """See the port."""
        for some in parts(pool_ids):
            with transient_errors():
                await self._pool.update_many(
                    {"_id": {"$in": some}}, {"$unset": {"finish_at": "", "opening": ""}}
                )

    async def flush(self, pool_ids: Sequence[str]) -> None:
        """See the port."""
        for some in parts(pool_ids):
            await self._outbox.flush(some)


def _update(taking: Taking) -> UpdateOne:
    held = holding(taking.letters)
    opening = push_document(taking.opening.push, taking.opening.body)
    changes: dict[str, dict[str, Any]] = {
        "$set": {
            **held["$set"],
            "waiting": False,
            "claim": entry_document(taking.entry)["claim"],
            "opening": opening,
            "finish_at": now(),
        },
        "$push": held["$push"],
    }
    return UpdateOne({"_id": taking.entry.pool_id, "waiting": True}, changes)

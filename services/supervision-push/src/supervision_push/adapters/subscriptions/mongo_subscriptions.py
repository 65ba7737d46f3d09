"""Subscriptions in MongoDB; every write compares the revision: two deliverers do no harm."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from pymongo import ASCENDING

from linkage_runtime.mongo import Database, find_by, insert_new, transient_errors
from supervision_push.adapters.subscriptions.subscription_documents import (
    change_document,
    change_in,
    document_of,
    subscription_in,
)
from supervision_push.domain.subscription import FETCHED, Change, Subscription, SubscriptionState

KEPT_CHANGES: Final = 1_000
"""Of one subscription's history; a document has its bounds."""
_REMOVED = str(SubscriptionState.REMOVED)
_DELIVERING = [str(SubscriptionState.ACTIVE), str(SubscriptionState.PENDING)]
_FETCHED = sorted(FETCHED)
_WITHOUT_HISTORY = {"history": False}


class MongoSubscriptions:
    """``subscriptions``: a handful per organisation; a removed one stays, with its history."""

    def __init__(self, database: Database) -> None:
        self._subscriptions = database["subscriptions"]

    async def create_indexes(self) -> None:
        """Let an organisation's own be found, and what was changed a moment ago."""
        for field in ("organisation", "edited_at", "state"):
            await self._subscriptions.create_index([(field, ASCENDING)], name=field)

    async def add(self, subscription: Subscription, change: Change) -> bool:
        """See ``Subscriptions``."""
        fresh = document_of(subscription)
        first = fresh | {"history": [change_document(change)]}
        if not await insert_new(self._subscriptions, [first]):
            return True
        removed = {"_id": fresh.pop("_id"), "state": _REMOVED}
        revision = fresh.pop("revision")
        # Its history goes on; its revision too, so that nothing of before is taken for this.
        anew = {"$set": fresh, "$inc": {"revision": revision + 1}, "$push": _pushed(change)}
        with transient_errors():
            result = await self._subscriptions.update_one(removed, anew)
        return result.matched_count == 1

    async def find(self, subscription_id: str) -> Subscription | None:
        """See ``Subscriptions``."""
        which = {"_id": subscription_id, "state": {"$ne": _REMOVED}}
        with transient_errors():
            found = await self._subscriptions.find_one(which, _WITHOUT_HISTORY)
        return subscription_in(found) if found else None

    async def of(self, organisation: str) -> list[Subscription]:
        """See ``Subscriptions``."""
        return await self._all({"organisation": organisation, "state": {"$ne": _REMOVED}})

    async def find_all(self, subscription_ids: Sequence[str]) -> list[Subscription]:
        """See ``Subscriptions``."""
        found = await find_by(
            self._subscriptions, "_id", subscription_ids, projection=_WITHOUT_HISTORY
        )
        return [subscription_in(document) for document in found]

    async def delivering(self) -> dict[str, datetime | None]:
        """See ``Subscriptions``."""
        which = {"state": {"$in": _DELIVERING}, "channel": {"$nin": _FETCHED}}
        with transient_errors():
            found = await self._subscriptions.find(which, {"edited_at": True}).to_list(None)
        return {document["_id"]: document["edited_at"] for document in found}

    async def edited_since(self, at: datetime) -> list[Subscription]:
        """See ``Subscriptions``."""
        return await self._all({"edited_at": {"$gte": at}})

    async def ailing(self) -> list[Subscription]:
        """See ``Subscriptions``."""
        disabled = {"state": str(SubscriptionState.DISABLED)}
        troubled, parking = {"trouble": {"$ne": None}}, {"parked.0": {"$exists": True}}
        which = {"$or": [disabled, troubled, parking], "state": {"$ne": _REMOVED}}
        return await self._all(which)

    async def states(self) -> dict[str, int]:
        """How many there are in each state."""
        grouped = {"$group": {"_id": "$state", "count": {"$sum": 1}}}
        with transient_errors():
            rows = await self._subscriptions.aggregate([grouped]).to_list(None)
        return {row["_id"]: row["count"] for row in rows}

    async def save(
        self, before: Subscription, after: Subscription, change: Change | None = None
    ) -> bool:
        """See ``Subscriptions``: only what differs is written."""
        old, new = document_of(before), document_of(after)
        moved = {key: new[key] for key in new if new[key] != old[key] and key != "revision"}
        update: dict[str, Any] = {"$inc": {"revision": 1}}
        if moved:
            update["$set"] = moved
        if change:
            update["$push"] = _pushed(change)
        unmoved = {"_id": before.id, "revision": before.revision}
        with transient_errors():
            result = await self._subscriptions.update_one(unmoved, update)
        return result.matched_count == 1

    async def history(self, subscription_id: str, organisation: str) -> list[Change]:
        """See ``Subscriptions``."""
        own = {"_id": subscription_id, "organisation": organisation}
        with transient_errors():
            found = await self._subscriptions.find_one(own, {"history": True})
        return [change_in(line) for line in found["history"]] if found else []

    async def _all(self, which: dict[str, Any]) -> list[Subscription]:
        cursor = self._subscriptions.find(which, _WITHOUT_HISTORY)
        with transient_errors():
            found = await cursor.sort("_id", ASCENDING).to_list(None)
        return [subscription_in(document) for document in found]


def _pushed(change: Change) -> dict[str, Any]:
    return {"history": {"$each": [change_document(change)], "$slice": -KEPT_CHANGES}}

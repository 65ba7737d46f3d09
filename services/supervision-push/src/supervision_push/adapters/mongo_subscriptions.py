"""Subscriptions in MongoDB; cursors move by compare-and-set: two deliverers do no harm."""

from collections.abc import Mapping
from typing import Any

from pymongo import ASCENDING

from linkage_contracts.codes import Channel
from linkage_runtime.mongo import Database, insert_new, transient_errors
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.subscription import Subscription, SubscriptionState, Trouble


class MongoSubscriptions:
    """``subscriptions``: a handful per organisation."""

    def __init__(self, database: Database) -> None:
        self._subscriptions = database["subscriptions"]

    async def create_index(self) -> None:
        """Let an organisation's own be found."""
        await self._subscriptions.create_index([("organisation", ASCENDING)], name="organisation")

    async def add(self, subscription: Subscription) -> bool:
        """See ``Subscriptions``."""
        fixed = {
            "_id": subscription.id,
            "organisation": subscription.organisation,
            "channel": str(subscription.channel),
            "endpoint": subscription.endpoint,
            "topic": subscription.topic,
            "sealed_secret": subscription.sealed_secret,
            "created_at": subscription.created_at,
        }
        known = await insert_new(self._subscriptions, [fixed | _moving(subscription)])
        return not known

    async def find(self, subscription_id: str) -> Subscription | None:
        """See ``Subscriptions``."""
        with transient_errors():
            found = await self._subscriptions.find_one({"_id": subscription_id})
        return _subscription(found) if found else None

    async def of(self, organisation: str) -> list[Subscription]:
        """See ``Subscriptions``."""
        return await self._all({"organisation": organisation})

    async def active(self) -> list[Subscription]:
        """See ``Subscriptions``."""
        return await self._all({"state": str(SubscriptionState.ACTIVE)})

    async def save(self, before: Subscription, after: Subscription) -> bool:
        """See ``Subscriptions``: the position and its epoch are the token compared."""
        unmoved = {
            "_id": before.id,
            "created_at": before.created_at,
            "state": str(before.state),
            "position": _position(before.position),
        }
        with transient_errors():
            result = await self._subscriptions.update_one(unmoved, {"$set": _moving(after)})
        return result.matched_count == 1

    async def resume(self, subscription_id: str) -> None:
        """See ``Subscriptions``."""
        active = {"state": str(SubscriptionState.ACTIVE), "trouble": None}
        with transient_errors():
            await self._subscriptions.update_one({"_id": subscription_id}, {"$set": active})

    async def remove(self, subscription_id: str, organisation: str) -> bool:
        """See ``Subscriptions``."""
        own = {"_id": subscription_id, "organisation": organisation}
        with transient_errors():
            return (await self._subscriptions.delete_one(own)).deleted_count == 1

    async def _all(self, which: dict[str, Any]) -> list[Subscription]:
        with transient_errors():
            found = await self._subscriptions.find(which).sort("_id", ASCENDING).to_list(None)
        return [_subscription(document) for document in found]


def _moving(subscription: Subscription) -> dict[str, Any]:
    trouble = subscription.trouble
    return {
        "state": str(subscription.state),
        "position": _position(subscription.position),
        "trouble": trouble
        and {
            "failures": trouble.failures,
            "since": trouble.since,
            "cause": trouble.cause,
            "retry_at": trouble.retry_at,
        },
    }


def _position(cursor: Cursor) -> dict[str, Any]:
    # MongoDB compares whole sub-documents with the order of their fields: always this order.
    return {"epoch": cursor.epoch, "partition": cursor.partition, "offset": cursor.offset}


def _subscription(document: Mapping[str, Any]) -> Subscription:
    trouble = document["trouble"]
    return Subscription(
        id=document["_id"],
        organisation=document["organisation"],
        channel=Channel(document["channel"]),
        position=Cursor(**document["position"]),
        created_at=document["created_at"],
        endpoint=document["endpoint"],
        topic=document["topic"],
        sealed_secret=document["sealed_secret"],
        state=SubscriptionState(document["state"]),
        trouble=Trouble(**trouble) if trouble else None,
    )

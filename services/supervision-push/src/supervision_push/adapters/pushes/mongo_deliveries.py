"""Hand-overs in MongoDB: ``deliveries``, one document for all pushes handed over together.

A push is not written to when it leaves our hands, unless that moves it: with its indexes that was
measured to cost more than all else on its way. Who asks when a push was delivered asks here.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pymongo import ASCENDING

from linkage_contracts.codes import Channel
from linkage_contracts.ids import stable_id
from linkage_runtime.mongo import Collection, find_by, insert_new
from supervision_push.domain.steps import Delivery


class MongoDeliveries:
    """``push_ids``, ``channel``, ``at``; the earliest of a push is its delivery."""

    def __init__(self, deliveries: Collection) -> None:
        self._deliveries = deliveries

    async def create_index(self) -> None:
        """Let the delivery of one push be found."""
        await self._deliveries.create_index([("push_ids", ASCENDING)], name="push")

    async def add(self, push_ids: Sequence[str], channel: Channel, at: datetime) -> None:
        """These were handed over together; told again, the first time stands."""
        if push_ids:
            known = stable_id("delivery", channel, *sorted(push_ids))
            fields = {"channel": channel.value, "at": at, "push_ids": list(push_ids)}
            await insert_new(self._deliveries, [{"_id": known, **fields}])

    async def of(self, push_ids: Iterable[str]) -> dict[str, Delivery]:
        """The first delivery of each that was handed over."""
        wanted = frozenset(push_ids)
        found = await find_by(self._deliveries, "push_ids", wanted)
        first: dict[str, Delivery] = {}
        for document in sorted(found, key=lambda one: one["at"]):
            delivery = Delivery(at=document["at"], channel=Channel(document["channel"]))
            for push_id in wanted.intersection(document["push_ids"]):
                first.setdefault(push_id, delivery)
        return first

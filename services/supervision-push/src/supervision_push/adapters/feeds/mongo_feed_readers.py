"""Who is told and has read how far, in MongoDB: recipients, positions of pull, subscriptions."""

from collections.abc import Sequence
from datetime import datetime

from linkage_contracts.codes import Channel
from linkage_runtime.mongo import Database, transient_errors
from supervision_push.application.subscription_ports import Reader
from supervision_push.domain.subscription import SubscriptionState


class MongoFeedReaders:
    """Reads ``feed_recipients``, ``pull_positions`` and ``subscriptions``: as many as there are."""

    def __init__(self, database: Database) -> None:
        self._recipients = database["feed_recipients"]
        self._positions = database["pull_positions"]
        self._subscriptions = database["subscriptions"]

    async def recipients(self) -> Sequence[str]:
        """See ``FeedReaders``."""
        with transient_errors():
            return [one["_id"] for one in await self._recipients.find().to_list(None)]

    async def pulled(self, epoch: str) -> dict[str, tuple[int, datetime]]:
        """See ``FeedReaders``."""
        with transient_errors():
            found = await self._positions.find().to_list(None)
        readers = ((*one["_id"].rsplit("/", 1), one) for one in found)
        return {
            organisation: (one["offset"], one["confirmed_at"])
            for organisation, numbering, one in readers
            if numbering == epoch
        }

    async def subscribed(self) -> list[Reader]:
        """See ``FeedReaders``."""
        kept = {"state": {"$ne": str(SubscriptionState.REMOVED)}}
        fields = ("organisation", "state", "position", "channel", "delivered_at")
        with transient_errors():
            found = await self._subscriptions.find(kept, fields).to_list(None)
        return [
            Reader(
                organisation=one["organisation"],
                state=SubscriptionState(one["state"]),
                epoch=one["position"]["epoch"],
                offset=one["position"]["offset"],
                channel=Channel(one["channel"]),
                delivered_at=one["delivered_at"],
            )
            for one in found
        ]

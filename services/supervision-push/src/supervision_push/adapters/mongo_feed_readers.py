"""Who has read how far, in MongoDB: heads of feeds, positions of pull, cursors of subscriptions."""

from collections.abc import Sequence
from datetime import datetime

from linkage_runtime.mongo import Database, transient_errors
from supervision_push.application.subscription_ports import Reader
from supervision_push.domain.subscription import SubscriptionState


class MongoFeedReaders:
    """Reads ``feed_heads``, ``pull_positions``, ``subscriptions``: as many as organisations."""

    def __init__(self, database: Database) -> None:
        self._heads = database["feed_heads"]
        self._positions = database["pull_positions"]
        self._subscriptions = database["subscriptions"]

    async def heads(self) -> Sequence[tuple[str, int, int]]:
        """See ``FeedReaders``."""
        with transient_errors():
            found = await self._heads.find().to_list(None)
        return [(one["_id"], one["partition"], one["offset"]) for one in found]

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
        fields = {"organisation": True, "state": True, "position": True}
        with transient_errors():
            found = await self._subscriptions.find(kept, fields).to_list(None)
        return [
            Reader(
                organisation=one["organisation"],
                state=SubscriptionState(one["state"]),
                epoch=one["position"]["epoch"],
                offset=one["position"]["offset"],
            )
            for one in found
        ]

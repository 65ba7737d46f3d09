"""Who delivers for which subscriptions, in one document of MongoDB."""

from typing import Any

from linkage_runtime.errors import TransientError
from linkage_runtime.mongo import Database, insert_new, transient_errors
from supervision_push.domain.shares import Shares

_ID = "shares"


class MongoShareBook:
    """``delivery_shares``: compared by its revision whenever it is written."""

    def __init__(self, database: Database) -> None:
        self._collection = database["delivery_shares"]

    async def create(self) -> None:
        """Make the document if it is not there."""
        await insert_new(self._collection, [{"_id": _ID, **_document(Shares(beats={}))}])

    async def read(self) -> Shares:
        """See ``ShareBook``."""
        with transient_errors():
            found = await self._collection.find_one({"_id": _ID})
        if found is None:
            raise TransientError("supervision_push is not provisioned: there are no shares")
        return Shares(
            revision=found["revision"], beats=found["beats"], holders=tuple(found["holders"])
        )

    async def write(self, before: Shares, after: Shares) -> bool:
        """See ``ShareBook``."""
        unmoved = {"_id": _ID, "revision": before.revision}
        with transient_errors():
            result = await self._collection.update_one(unmoved, {"$set": _document(after)})
        return result.matched_count == 1


def _document(shares: Shares) -> dict[str, Any]:
    return {
        "revision": shares.revision,
        "beats": dict(shares.beats),
        "holders": list(shares.holders),
    }

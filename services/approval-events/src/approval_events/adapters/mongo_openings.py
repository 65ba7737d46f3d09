"""Who opened or erased personal data, in ``approval_events.openings``."""

from dataclasses import asdict

from pymongo import ASCENDING, DESCENDING

from approval_events.application.ports import Opening
from linkage_runtime.mongo import Collection, transient_errors


class MongoOpenings:
    """See ``Openings``."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def create_indexes(self) -> None:
        """Find what was done about one subject, newest first."""
        await self._collection.create_index(
            [("subject", ASCENDING), ("at", DESCENDING)], name="subject"
        )

    async def add(self, opening: Opening) -> None:
        """See ``Openings``."""
        with transient_errors():
            await self._collection.insert_one(asdict(opening))

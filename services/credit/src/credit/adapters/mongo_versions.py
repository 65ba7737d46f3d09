"""Scorecards that came into force, in MongoDB: ``credit.versions``, ``_id`` = the version."""

from collections.abc import Mapping

from linkage_runtime.mongo import Collection, find_by, insert_new


class MongoVersions:
    """``VersionsInForce``."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def keep(self, digests: Mapping[str, str]) -> Mapping[str, str]:
        """See ``VersionsInForce``."""
        new = [{"_id": version, "digest": digest} for version, digest in digests.items()]
        await insert_new(self._collection, new)
        found = await find_by(self._collection, "_id", digests)
        return {each["_id"]: each["digest"] for each in found}

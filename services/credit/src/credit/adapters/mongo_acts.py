"""Acts on credit facts in MongoDB: ``credit.acts``, ``_id`` = the event's id; whole, as bytes."""

from collections.abc import Collection as Members
from collections.abc import Mapping, Sequence

from pymongo import ASCENDING

from linkage_contracts.envelope import Event
from linkage_contracts.topics import CREDIT_ACTS
from linkage_runtime.mongo import Collection, find_by, insert_new, transient_errors


class MongoActs:
    """An ``ActLedger``."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def create_indexes(self) -> None:
        """The acts of a party, in order."""
        await self._collection.create_index(
            [("party", ASCENDING), ("at", ASCENDING)], name="party_at"
        )

    async def add(self, acts: Sequence[Event]) -> None:
        """See ``ActLedger``."""
        documents = {
            act.id: {
                "_id": act.id,
                "party": act.partitionkey,
                "at": act.time,
                "body": act.to_bytes(),
            }
            for act in acts
        }
        await insert_new(self._collection, list(documents.values()))

    async def of_party(self, party: str) -> tuple[Event, ...]:
        """See ``ActLedger``."""
        with transient_errors():
            found = await self._collection.find({"party": party}, ["body", "at"]).to_list(None)
        found.sort(key=lambda each: (each["at"], each["_id"]))
        return tuple(CREDIT_ACTS.read(each["body"]) for each in found)

    async def of_ids(self, event_ids: Members[str]) -> Mapping[str, Event]:
        """See ``ActLedger``."""
        found = await find_by(self._collection, "_id", event_ids, projection=["body"])
        return {each["_id"]: CREDIT_ACTS.read(each["body"]) for each in found}

"""What each service's store holds: ids, and the state of the linkages."""

from collections import Counter
from dataclasses import dataclass

from linkage_runtime.mongo import connect, database

COLLECTIONS = {
    "approval_events": ("decisions", "linkages", "incoming_results", "findings", "breaches"),
    "supervision_push": ("pushes", "pool", "results", "findings", "breaches", "feed_entries"),
    "credit": ("ratings",),
}

ACTED_ON = ("pushes", "pool", "results", "supplements", "escalations")
"""Collections of supervision_push whose documents hold events until they are published."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Ids by ``database.collection``, and how many linkages are in which state."""

    ids: dict[str, frozenset[str]]
    linkages: Counter[str]
    unpublished: frozenset[str]
    """What was acted on and whose event is not acknowledged yet."""


async def read_stores(mongo: str) -> Stores:
    """Read the ids of everything the books compare."""
    client = connect(mongo)
    try:
        ids = {}
        for name, collections in COLLECTIONS.items():
            for collection in collections:
                found = database(client, name)[collection].find({}, projection={"_id": True})
                ids[f"{name}.{collection}"] = frozenset(
                    [document["_id"] async for document in found]
                )
        linkages = database(client, "approval_events")["linkages"]
        states = Counter(
            [d.get("state", "open") async for d in linkages.find({}, projection={"state": True})]
        )
        unpublished: set[str] = set()
        for collection in ACTED_ON:
            held = database(client, "supervision_push")[collection].find(
                {"unpublished": True}, projection={"_id": True}
            )
            unpublished |= {document["_id"] async for document in held}
        return Stores(ids, states, frozenset(unpublished))
    finally:
        client.close()

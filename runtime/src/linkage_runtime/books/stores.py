"""What each service's store holds, read whole: ids, and the state of the linkages."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from linkage_runtime.books.claims import Place
from linkage_runtime.mongo import Database, connect, database

ACTED_ON = {
    "approval_events": ("incoming_results", "findings", "breaches", "tolerances"),
    "supervision_push": ("pushes", "pool", "results", "supplements", "escalations"),
}
"""Collections whose documents hold events until they are published."""

PRESENT: dict[Place, dict[str, Any]] = {
    # An act may be noted before what it is about.
    Place.INCOMING: {"found": {"$exists": True}},
    Place.BUREAU_FINDINGS: {"facts.finding_raised": {"$exists": True}},
    Place.BUREAU_BREACHES: {"decision_id": {"$ne": None}},
    Place.RESULTS: {"digest": {"$exists": True}},
}
_READ_APART = {Place.LEDGER, Place.DELIVERIES}


@dataclass(frozen=True, slots=True)
class Stores:
    """Ids by place, and how many linkages are in which state."""

    ids: Mapping[Place, frozenset[str]]
    linkages: Counter[str]
    unpublished: frozenset[str]
    """What was acted on and whose event is not acknowledged yet."""


async def read_stores(mongo: str) -> Stores:
    """Read the ids of everything the books compare."""
    client = connect(mongo)
    try:
        ids = {
            place: frozenset([one["_id"] async for one in _ids(client, place)])
            for place in Place
            if not place.is_topic and place not in _READ_APART
        }
        pushes = database(client, "supervision_push")
        ids[Place.DELIVERIES] = await _delivered(pushes)
        facts: set[str] = set()
        states: Counter[str] = Counter()
        linkages = database(client, "approval_events")["linkages"]
        async for page in linkages.find({}, projection={"state": True, "facts": True}):
            states[page.get("state", "open")] += 1
            facts.update(facts_on(page))
        ids[Place.LEDGER] = frozenset(facts)
        held = [
            one["_id"]
            for name, collections in ACTED_ON.items()
            for collection in collections
            async for one in database(client, name)[collection].find(
                {"unpublished": True}, projection={"_id": True}
            )
        ]
        return Stores(ids, states, frozenset(held))
    finally:
        client.close()


def facts_on(page: Mapping[str, Any]) -> Iterator[str]:
    """The facts of one linkage, as claims name them."""
    for kind, places in page.get("facts", {}).items():
        for key in places:
            yield f"{page['_id']}/{kind}/{key}"


def collection_of(client: Any, place: Place) -> Any:  # noqa: ANN401 -- motor's own types say no more
    """The collection that a place is."""
    name, _, collection = place.partition(".")
    return database(client, name)[collection]


def _ids(client: Any, place: Place) -> Any:  # noqa: ANN401 -- as above
    return collection_of(client, place).find(PRESENT.get(place, {}), projection={"_id": True})


async def _delivered(pushes: Database) -> frozenset[str]:
    """Pushes handed over: noted together, or with the step that the delivery was."""
    together = pushes["deliveries"].find({}, projection={"push_ids": True})
    alone = pushes["pushes"].find({"delivery": {"$exists": True}}, projection={"_id": True})
    noted = {id_ async for one in together for id_ in one["push_ids"]}
    return frozenset(noted | {one["_id"] async for one in alone})

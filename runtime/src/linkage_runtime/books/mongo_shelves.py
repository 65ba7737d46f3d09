"""The services' stores, asked by id: what the books want to know costs a look-up in an index."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from linkage_runtime.books.claims import Claim, Place
from linkage_runtime.books.line import Line, is_result, organisation_in
from linkage_runtime.books.ports import Moment
from linkage_runtime.books.stores import ACTED_ON, PRESENT, collection_of, facts_on
from linkage_runtime.mongo import database, find_by, transient_errors

_ROUTED = "routed"
_RANK = ("receipt", "enrolment")
"""What was done at one moment was done in this order; feedback came last."""


class MongoShelves:
    """See ``Shelves``."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 -- motor's client
        self._client = client

    async def standing(self, claims: Collection[Claim]) -> frozenset[str]:
        """See ``Shelves``; a claim on a topic is shown by what its reader stored."""
        asked: dict[Place, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for claim in claims:
            place, id_ = claim.proof or (claim.place, claim.id)
            asked[place][id_].append(claim.key)
        fulfilled: list[str] = []
        for place, keys in asked.items():
            for id_ in await self._of(place, keys):
                fulfilled += keys.get(id_, ())
        return frozenset(fulfilled)

    async def there(self, origins: Collection[tuple[Place, str]]) -> frozenset[tuple[Place, str]]:
        """See ``Shelves``."""
        by_place: dict[Place, list[str]] = defaultdict(list)
        for place, id_ in origins:
            by_place[place].append(id_)
        return frozenset(
            [
                (place, id_)
                for place, ids in by_place.items()
                for id_ in await self._find(place, ids, "_id")
            ]
        )

    async def moments(self, lines: Sequence[Line]) -> Mapping[str, Moment]:
        """See ``Shelves``; a decision that is not stored lends its hour to nothing yet."""
        own = {line.id: _own(line) for line in lines}
        decisions = {line.data.get("decision_event_id") for line in lines} - {None}
        results = {line.data["result_id"] for line in lines if "result_id" in line.data}
        told = await self._find(Place.DECISIONS, decisions - own.keys(), "accepted_at", "authority")
        found = await self._find(Place.RESULTS, results, "recorded_at", "authority")
        moments = {}
        for line in lines:
            decision, result = line.data.get("decision_event_id"), line.data.get("result_id")
            if decision in own:
                moments[line.id] = own[decision]
            elif decision in told:
                moments[line.id] = _moment(told[decision], "accepted_at")
            elif result in found and not is_result(line):
                moments[line.id] = _moment(found[result], "recorded_at")
            else:
                moments[line.id] = own[line.id]
        return moments

    async def closing(self, push_ids: Collection[str]) -> Mapping[str, str]:
        """See ``Shelves``."""
        names = ("state", "owes", "receipt.at", "enrolment.at", "feedback")
        found = await self._find(Place.PUSHES, push_ids, *names)
        return {id_: _last_duty(push) for id_, push in found.items() if push["state"] == "closed"}

    async def walk(self, place: Place, after: str, limit: int) -> list[dict[str, Any]]:
        """See ``Shelves``."""
        cursor = collection_of(self._client, place).find(
            {"_id": {"$gt": after}}, projection={"body": False, "outbox": False}
        )
        with transient_errors():
            found: list[dict[str, Any]] = await cursor.sort("_id", 1).limit(limit).to_list(limit)
        return found

    async def unpublished(self, before: datetime, limit: int) -> list[str]:
        """See ``Shelves``."""
        held: list[str] = []
        with transient_errors():
            for name, collections in ACTED_ON.items():
                for collection in collections:
                    which = {"unpublished": True, "held_at": {"$lt": before}}
                    cursor = database(self._client, name)[collection].find(which, {"_id": True})
                    held += [one["_id"] for one in await cursor.limit(limit).to_list(limit)]
        return held

    async def _of(self, place: Place, ids: Collection[str]) -> set[str]:
        """Those of these that stand in a place."""
        if place is Place.LEDGER:
            return await self._facts(ids)
        if place is Place.DELIVERIES:
            return await self._delivered(ids)
        collection = collection_of(self._client, place)
        also = PRESENT.get(place)
        return {
            one["_id"]
            for one in await find_by(collection, "_id", ids, also=also, projection=["_id"])
        }

    async def _facts(self, ids: Collection[str]) -> set[str]:
        asked = [id_.split("/") for id_ in ids]
        kinds = {"opened", "unrouted"} | {kind for _, kind, _ in asked}
        projection = [f"facts.{kind}" for kind in sorted(kinds - {_ROUTED})]
        pages = await find_by(
            collection_of(self._client, Place.LEDGER),
            "_id",
            {decision for decision, _, _ in asked},
            projection=projection,
        )
        return {fact for page in pages for fact in (*facts_on(page), *_routed_on(page))}

    async def _delivered(self, ids: Collection[str]) -> set[str]:
        together = await find_by(
            collection_of(self._client, Place.DELIVERIES), "push_ids", ids, projection=["push_ids"]
        )
        noted = {id_ for one in together for id_ in one["push_ids"]}
        left = [id_ for id_ in ids if id_ not in noted]
        alone = await self._find(Place.PUSHES, left, "delivery.at")
        # Where the push itself is missing, that is the difference, and its delivery none beside it.
        gone = set(left) - alone.keys()
        return noted | gone | {id_ for id_, push in alone.items() if "delivery" in push}

    async def _find(
        self, place: Place, ids: Collection[Any], *names: str
    ) -> dict[str, dict[str, Any]]:
        collection = collection_of(self._client, place)
        return {one["_id"]: one for one in await find_by(collection, "_id", ids, projection=names)}


def _own(line: Line) -> Moment:
    accepted = line.data.get("accepted_at")
    at = line.recorded_at if accepted is None else datetime.fromisoformat(accepted)
    return Moment(at.astimezone(UTC), line.authority)


def _moment(document: Mapping[str, Any], name: str) -> Moment:
    return Moment(document[name], organisation_in(document.get("authority")))


def _routed_on(page: Mapping[str, Any]) -> list[str]:
    facts = page.get("facts", {})
    told = [*facts.get("opened", {}).values(), *facts.get("unrouted", {}).values()]
    return [f"{page['_id']}/{_ROUTED}/{fact['decision_event_id']}" for fact in told]


def _last_duty(push: Mapping[str, Any]) -> str:
    done = [
        *((push[step]["at"], rank, step) for rank, step in enumerate(_RANK) if step in push),
        *((one["at"], len(_RANK), one["duty"]) for one in push.get("feedback", ())),
    ]
    owed = [one for one in done if one[2] in push["owes"]]
    return str(max(owed)[2]) if owed else "notice"

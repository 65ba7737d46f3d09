"""What organisations see of pushes and the pool: read from MongoDB, as it is answered."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic_core import from_json

from linkage_contracts.catalogue import Catalogue
from linkage_runtime.mongo import Database, transient_errors
from supervision_push.adapters.pages import page_by, paged
from supervision_push.adapters.pushes.mongo_deliveries import MongoDeliveries
from supervision_push.adapters.pushes.push_summary import summary
from supervision_push.application.ports import Catalogues
from supervision_push.domain.steps import PushState

_OF_PUSH = (
    *("decision_id", "event_id", "decision_type", "authority", "recipient", "round", "state"),
    *("owes", "items", "rerouted_from", "resolves", "accepted_at", "opened_at"),
    *("delivery", "receipt", "enrolment", "feedback", "returned", "recalled"),
)
_OF_POOL = (
    *("decision_id", "event_id", "authority", "region", "items", "reason", "entered_at"),
    *("returned_push", "returned_by", "suggested"),
)
_OF_DECISION = ("document_number", "document_title", "certificate_name", "decided_on", "region")
_OF_CLOCK = ("due_on", "level", "provisional", "stopped_at", "moves")


class PushViews:
    """Pages are oldest first; ``next`` is what to give as ``after``, absent on the last page."""

    def __init__(self, database: Database, catalogues: Catalogues) -> None:
        self._database = database
        self._pushes = database["pushes"]
        self._pool = database["pool"]
        self._deliveries = MongoDeliveries(database["deliveries"])
        self._catalogues = catalogues

    async def pushes(
        self, organisation: str, *, state: PushState | None, after: str | None, limit: int
    ) -> dict[str, Any]:
        """One organisation's pushes, without their decisions in full."""
        which: dict[str, Any] = {"recipient": organisation}
        if state is not None:
            which["state"] = state.value
        found = await page_by(self._pushes, which, "opened_at", after, limit)
        await self._add_deliveries(found)
        return paged("pushes", [push_view(one) for one in found], "push_id", limit)

    async def push(self, push_id: str) -> dict[str, Any] | None:
        """One push with its decision."""
        with transient_errors():
            found = await self._pushes.find_one({"_id": push_id}, projection={"outbox": False})
        if found:
            await self._add_deliveries([found])
        return push_view(found) | {"decision": _decision(found)} if found else None

    async def pool(
        self, organisation: str | None, *, after: str | None, limit: int
    ) -> dict[str, Any]:
        """What waits where this organisation could claim it; everywhere for ``None``."""
        which: dict[str, Any] = {"waiting": True}
        if organisation is not None:
            below = _below(organisation, await self._catalogues.in_force())
            if below is None:
                return {"pool": []}
            which["region"] = {"$regex": f"^{below}"}
        found = await page_by(self._pool, which, "entered_at", after, limit)
        return paged("pool", [_entry(one) for one in found], "pool_id", limit)

    async def _add_deliveries(self, pushes: Sequence[dict[str, Any]]) -> None:
        delivered = await self._deliveries.of(push["_id"] for push in pushes)
        for push in pushes:
            if (delivery := delivered.get(push["_id"])) is not None:
                push.setdefault("delivery", {"at": delivery.at, "channel": delivery.channel})

    async def summary(self, organisation: str | None) -> dict[str, Any]:
        """Counts of one organisation, or of all."""
        return {"organisations": await summary(self._database, organisation)}


def _below(organisation: str, catalogue: Catalogue) -> str | None:
    """The digits with which every region begins that this authority is competent for."""
    known = catalogue.authority_by_id.get(organisation)
    if known is None:
        return None
    whole_province, whole_city = known.region[2:6] == "0000", known.region[4:6] == "00"
    return known.region[: 2 if whole_province else 4 if whole_city else len(known.region)]


def push_view(document: Mapping[str, Any]) -> dict[str, Any]:
    """What is shown of one push."""
    decision = _decision(document)
    clocks = [
        {"clock": name, **_some(clock, _OF_CLOCK)} for name, clock in document["clocks"].items()
    ]
    return {
        "push_id": document["_id"],
        **_some(document, _OF_PUSH),
        "clocks": clocks,
        **_some(decision, _OF_DECISION),
        "party": {"kind": decision["party"]["kind"], "name": decision["party"]["name"]},
    }


def _entry(document: Mapping[str, Any]) -> dict[str, Any]:
    decision = _decision(document)
    return {
        "pool_id": document["_id"],
        **_some(decision, _OF_DECISION),
        **_some(document, _OF_POOL),
        "party": {"kind": decision["party"]["kind"], "name": decision["party"]["name"]},
    }


def _decision(document: Mapping[str, Any]) -> dict[str, Any]:
    event: dict[str, Any] = from_json(document["body"])
    decision: dict[str, Any] = event["data"]
    return decision


def _some(document: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    return {name: document[name] for name in fields if document.get(name) is not None}

"""Tolerance supplements in MongoDB: ``supplements``, ``_id`` = supplement_id.

``decision_id``, ``authority``, ``party``, ``missing`` and ``version`` as ``Supplement`` calls them,
and the one clock as ``clock_documents`` has it. ``supplements_settled`` holds the bureau's word,
which may come before what it is about.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel, UpdateMany, UpdateOne

from linkage_contracts.codes import Clock
from linkage_contracts.deadlines import DeadlineRef
from linkage_runtime.mongo import Database, find_by, insert_new, write_bulk
from supervision_push.adapters.deadlines.clock_documents import clock_fields, clocks_in
from supervision_push.adapters.pages import page_by, paged
from supervision_push.application.clock_ports import Subject
from supervision_push.domain.supplement import Settled, Superseding, Supplement

_INDEXES = (
    IndexModel([("decision_id", ASCENDING)], name="decision"),
    IndexModel([("authority", ASCENDING), ("version", ASCENDING)], name="own"),
)
_STOPPED_AT = f"clocks.{Clock.TOLERANCE_SUPPLEMENT}.stopped_at"
_OF_CLOCK = ("due_on", "level", "provisional", "stopped_at", "moves")


class MongoSupplements:
    """See ``Supplements``."""

    def __init__(self, database: Database) -> None:
        self._supplements = database["supplements"]
        self._settled = database["supplements_settled"]

    async def create_indexes(self) -> None:
        """Idempotent."""
        await self._supplements.create_indexes(list(_INDEXES))

    async def open(self, supplements: Sequence[Supplement]) -> None:
        """See the port."""
        first = {one.supplement_id: one for one in reversed(supplements)}
        await insert_new(self._supplements, [supplement_document(one) for one in first.values()])

    async def settle(self, settled: Sequence[Settled]) -> None:
        """See the port: remembered first, so that whoever opens it later finds it settled."""
        firsts = {one.supplement_id: one for one in reversed(settled)}
        await insert_new(self._settled, [{"_id": id_, "at": one.at} for id_, one in firsts.items()])
        await self.stop_settled(list(firsts))

    async def stop_settled(self, supplement_ids: Sequence[str]) -> None:
        """See the port."""
        settled = await find_by(self._settled, "_id", supplement_ids)
        await write_bulk(
            self._supplements,
            [
                UpdateOne({"_id": one["_id"], _STOPPED_AT: None}, _stopping(one["at"]))
                for one in settled
            ],
        )

    async def stop(self, superseding: Sequence[Superseding]) -> None:
        """See the port."""
        await write_bulk(self._supplements, [_stop(one) for one in superseding])

    async def page(
        self, authority: str | None, *, open_only: bool, after: str | None, limit: int
    ) -> dict[str, Any]:
        """One bureau's, or all; in the order of the decisions."""
        which: dict[str, Any] = {"authority": authority} if authority else {}
        if open_only:
            which[_STOPPED_AT] = None
        found = await page_by(self._supplements, which, "version", after, limit)
        return paged("supplements", [_shown(one) for one in found], "supplement_id", limit)


def supplement_subject(document: Mapping[str, Any]) -> Subject:
    """A supplement is owed by the bureau; there is no other side."""
    return Subject(
        key=document["_id"],
        about=DeadlineRef(decision_id=document["decision_id"], supplement_id=document["_id"]),
        organisation=document["authority"],
        counterpart=None,
        party=document["party"],
        revision=document["revision"],
        clocks=clocks_in(document),
    )


def supplement_document(one: Supplement) -> dict[str, Any]:
    """A supplement that is stored for the first time."""
    return {
        "_id": one.supplement_id,
        "decision_id": one.decision_id,
        "authority": one.authority,
        "party": one.party,
        "missing": list(one.missing),
        "version": one.version,
        "revision": 0,
        **clock_fields([one.clock]),
    }


def _stop(one: Superseding) -> UpdateMany:
    which = {
        "decision_id": one.decision_id,
        "version": {"$lt": one.version},
        "_id": {"$ne": one.carries_on},
        _STOPPED_AT: None,
    }
    return UpdateMany(which, _stopping(one.at))


def _stopping(at: datetime) -> dict[str, Any]:
    gone = dict.fromkeys(("next_at", "resume_at", "awaits_year", "open_until"), "")
    return {"$set": {_STOPPED_AT: at}, "$unset": gone, "$inc": {"revision": 1}}


def _shown(document: Mapping[str, Any]) -> dict[str, Any]:
    clock = document["clocks"][str(Clock.TOLERANCE_SUPPLEMENT)]
    return {
        "supplement_id": document["_id"],
        **{name: document[name] for name in ("decision_id", "authority", "missing")},
        **{name: clock[name] for name in _OF_CLOCK if clock.get(name) is not None},
    }

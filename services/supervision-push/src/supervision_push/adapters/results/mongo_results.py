"""Results in MongoDB. The result and the acts on it come over different topics, so in any order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from pymongo import ASCENDING, UpdateOne

from linkage_contracts.codes import Clock
from linkage_contracts.deadlines import DeadlineRef
from linkage_contracts.ids import stable_id
from linkage_runtime.mongo import Database, find_by, insert_new, write_bulk
from supervision_push.adapters.deadlines.clock_documents import (
    clock_changes,
    clock_fields,
    clocks_in,
)
from supervision_push.adapters.deadlines.clock_metrics import count_ended
from supervision_push.adapters.feeds.feed_metrics import RESULT_CONFLICTS
from supervision_push.application.clock_ports import Subject
from supervision_push.application.result_ports import Act, Acted, NewResult
from supervision_push.domain.clocks import RunningClock

log = structlog.get_logger()

_STAMP = {act: f"{act}_at" for act in Act}
"""The field that says when; it is absent, not null, until then: $min keeps a null."""

_ENDS = {
    Clock.RESULT_RECEIPT: (Act.RECEIVED, Act.RETURNED, Act.REPORTED),
    Clock.ACTION_REPORT: (Act.RETURNED, Act.REPORTED),
}


class MongoResultBook:
    """``results``, and ``result_conflicts`` for what came under a known id with another content."""

    def __init__(self, database: Database) -> None:
        self._results = database["results"]
        self._conflicts = database["result_conflicts"]

    async def create_indexes(self) -> None:
        """Let what a supervisor found, and what a bureau must answer, be listed and counted."""
        for field in ("supervisor", "authority", "decision_id"):
            await self._results.create_index([(field, ASCENDING)], name=field)

    async def digests(self, result_ids: Iterable[str]) -> Mapping[str, str]:
        """See ``ResultBook``."""
        found = await find_by(self._results, "_id", result_ids, projection=["digest"])
        return {one["_id"]: one["digest"] for one in found if "digest" in one}

    async def add(self, results: Sequence[NewResult]) -> frozenset[tuple[str, str]]:
        """See ``ResultBook``."""
        first: dict[str, NewResult] = {}
        for result in results:
            first.setdefault(result.event.data.result_id, result)
        known = await insert_new(self._results, [_document(one) for one in first.values()])
        if known:
            await self._fill([first[result_id] for result_id in known])
        standing = {key: one.event.data.digest for key, one in first.items()}
        if known:
            standing |= await self.digests(known)
        aside = [one for one in results if standing[one.event.data.result_id] != one.identity[1]]
        await self._keep_aside(aside)
        return frozenset(one.identity for one in aside)

    async def mark(self, acts: Sequence[Acted]) -> None:
        """See ``ResultBook``; an act on a result not yet stored waits for it in its document."""
        await write_bulk(
            self._results,
            [
                UpdateOne({"_id": one.result_id}, {"$min": {_STAMP[one.act]: one.at}}, upsert=True)
                for one in acts
            ],
        )
        await self._stop_clocks([one.result_id for one in acts])

    async def _fill(self, results: Sequence[NewResult]) -> None:
        # Known, but perhaps by an act alone: only such a document has no digest.
        await write_bulk(
            self._results,
            [
                UpdateOne(
                    {"_id": one.event.data.result_id, "digest": {"$exists": False}},
                    {"$set": _without_id(_document(one))},
                )
                for one in results
            ],
        )
        await self._stop_clocks([one.event.data.result_id for one in results])

    async def _keep_aside(self, results: Sequence[NewResult]) -> None:
        aside = {stable_id("result-conflict", *one.identity): one for one in results}
        known = await insert_new(
            self._conflicts,
            [
                {
                    "_id": conflict_id,
                    "result_id": one.event.data.result_id,
                    "supervisor": one.event.data.supervisor.id,
                    "body": one.body,
                }
                for conflict_id, one in aside.items()
            ],
        )
        for conflict_id in aside.keys() - known:
            RESULT_CONFLICTS.inc()
            log.warning("result kept aside", result_id=aside[conflict_id].event.data.result_id)

    async def _stop_clocks(self, result_ids: Sequence[str]) -> None:
        fields = ["authority", "clocks", "revision", *_STAMP.values()]
        while True:
            found = await find_by(self._results, "_id", result_ids, projection=fields)
            stops = [stop for one in found if "clocks" in one for stop in _stops(one)]
            if await write_bulk(self._results, [stop.update for stop in stops]) == len(stops):
                for stop in stops:
                    count_ended(stop.authority, stop.ended)
                return


def result_subject(document: Mapping[str, Any]) -> Subject:
    """Whose clocks run on a result: the bureau's; the supervisor is told of a breach."""
    return Subject(
        key=document["_id"],
        about=DeadlineRef(decision_id=document.get("decision_id"), result_id=document["_id"]),
        organisation=document["authority"],
        counterpart=document["supervisor"],
        party=document["party"],
        revision=document["revision"],
        clocks=clocks_in(document),
    )


def _document(result: NewResult) -> dict[str, Any]:
    event, data = result.event, result.event.data
    return {
        "_id": data.result_id,
        "event_id": event.id,
        "type": event.type,
        "supervisor": data.supervisor.id,
        "authority": data.authority,
        "party": event.partitionkey,
        "region": data.region,
        "decision_id": data.decision_id,
        "push_id": data.push_id,
        "found_on": data.found_on.isoformat(),
        "recorded_at": event.recordedtime,
        "digest": data.digest,
        "body": result.body,
        "revision": 0,
        **clock_fields(result.clocks),
    }


def _without_id(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "_id"}


@dataclass(frozen=True, slots=True)
class _Stop:
    """The write that stops some clocks, and those clocks."""

    update: UpdateOne
    authority: str
    ended: tuple[RunningClock, ...]


def _stops(document: Mapping[str, Any]) -> list[_Stop]:
    """Stop what the acts have ended, unless somebody moved or told of a clock meanwhile."""
    before = clocks_in(document)
    after = tuple(_stopped(clock, document) for clock in before)
    if after == before:
        return []
    which = {"_id": document["_id"], "revision": document["revision"]}
    update = UpdateOne(which, clock_changes(after) | {"$inc": {"revision": 1}})
    ended = tuple(now for then, now in zip(before, after, strict=True) if then != now)
    return [_Stop(update, document["authority"], ended)]


def _stopped(clock: RunningClock, document: Mapping[str, Any]) -> RunningClock:
    stamps = [
        document[_STAMP[act]] for act in _ENDS.get(clock.clock, ()) if _STAMP[act] in document
    ]
    return clock.stopped(min(stamps)) if stamps else clock

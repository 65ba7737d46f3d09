"""The clocks of findings, in ``supervision_push.findings``: one document for each finding.

``asked`` is the latest round for which an answer is owed, and the document's clock is that round's;
``answered.<round>`` and ``closed_at`` say when it stopped, whichever of them comes first.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from linkage_runtime.mongo import Collection, find_by, insert_new, write_bulk
from supervision_push.adapters.deadlines.clock_documents import (
    clock_changes,
    clock_fields,
    clocks_in,
)
from supervision_push.application.clock_ports import Subject
from supervision_push.application.watch_findings import Answered, Asked, Closed, Step


class MongoFindingClocks:
    """See ``FindingClocks``."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def note(self, steps: Sequence[Step]) -> None:
        """See ``FindingClocks``."""
        asked = [step for step in steps if isinstance(step, Asked)]
        await self._ask(asked)
        stops = [step for step in steps if not isinstance(step, Asked)]
        # A stop may come before what it stops: it waits for it in a document without a clock.
        await insert_new(
            self._collection, [{"_id": id_} for id_ in dict.fromkeys(s.finding_id for s in stops)]
        )
        await write_bulk(self._collection, [_stamp(step) for step in stops])
        await self._stop([step.finding_id for step in steps])

    async def _ask(self, steps: Sequence[Asked]) -> None:
        newest: dict[str, Asked] = {}
        for step in steps:
            if step.finding_id not in newest or newest[step.finding_id].round < step.round:
                newest[step.finding_id] = step
        known = await insert_new(self._collection, [_document(one) for one in newest.values()])
        # Nothing but a higher round starts a clock again: a repeat finds its own round there.
        await write_bulk(self._collection, [_asked_again(newest[id_]) for id_ in known])

    async def _stop(self, finding_ids: Sequence[str]) -> None:
        while True:
            found = await find_by(
                self._collection, "_id", finding_ids, also={"asked": {"$ne": None}}
            )
            stops = [stop for one in found if (stop := _stop_of(one)) is not None]
            # A chase may have marked in between, and nobody else comes back for what is left.
            if await write_bulk(self._collection, stops) == len(stops):
                return


def finding_subject(document: Mapping[str, Any]) -> Subject:
    """Whose clock runs on a finding: the bureau's; when it escalates, oversight is told."""
    return Subject(
        key=document["_id"],
        decision_id=document["decision_id"],
        finding_id=document["_id"],
        organisation=document["authority"],
        counterpart=None,
        party=document["party"],
        revision=document["revision"],
        clocks=clocks_in(document),
    )


def _about(step: Asked) -> dict[str, Any]:
    return {
        "asked": step.round,
        "decision_id": step.decision_id,
        "authority": step.authority,
        "party": step.party,
    }


def _document(step: Asked) -> dict[str, Any]:
    return {"_id": step.finding_id, **_about(step), "revision": 0, **clock_fields([step.clock])}


def _asked_again(step: Asked) -> UpdateOne:
    changes = clock_changes([step.clock])
    changes["$set"] |= _about(step)
    changes["$inc"] = {"revision": 1}
    which = {"_id": step.finding_id, "$or": [{"asked": None}, {"asked": {"$lt": step.round}}]}
    return UpdateOne(which, changes)


def _stamp(step: Answered | Closed) -> UpdateOne:
    place = "closed_at" if isinstance(step, Closed) else f"answered.{step.round}"
    return UpdateOne({"_id": step.finding_id}, {"$min": {place: step.at}})


def _stop_of(document: Mapping[str, Any]) -> UpdateOne | None:
    """The write that stops a clock still running though its round was answered or all is closed."""
    (clock,) = clocks_in(document)
    at = _stopped_at(document)
    if at is None or clock.stopped_at is not None:
        return None
    changes = clock_changes([clock.stopped(at)])
    changes["$inc"] = {"revision": 1}
    return UpdateOne({"_id": document["_id"], "revision": document["revision"]}, changes)


def _stopped_at(document: Mapping[str, Any]) -> datetime | None:
    answered = document.get("answered", {}).get(str(document["asked"]))
    return min((at for at in (answered, document.get("closed_at")) if at is not None), default=None)

"""The clocks of findings, breaches and cases: one document each, a collection for each kind.

``asked`` is the latest round for which an answer is owed, and the document's clock is that round's;
``answered.<round>`` and ``closings`` say when it stopped, whichever of them comes first. A closing
ends what was asked before it: a breach that was dismissed may be found after all, and go on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from linkage_contracts.deadlines import DeadlineRef
from linkage_runtime.mongo import Collection, find_by, insert_new, write_bulk
from supervision_push.adapters.deadlines.clock_documents import (
    clock_changes,
    clock_fields,
    clocks_in,
)
from supervision_push.application.asked import Answered, Asked, Closed, Step
from supervision_push.application.clock_ports import Subject
from supervision_push.domain.clocks import RunningClock


class MongoRounds:
    """See ``RoundClocks``."""

    def __init__(self, collection: Collection, told_until: datetime | None = None) -> None:
        """Over one collection; what was due by ``told_until`` counts as told (a rebuild)."""
        self._collection = collection
        self._told_until = told_until

    async def note(self, steps: Sequence[Step]) -> None:
        """See ``RoundClocks``."""
        asked = [step for step in steps if isinstance(step, Asked)]
        await self._ask(asked)
        stops = [step for step in steps if not isinstance(step, Asked)]
        # A stop may come before what it stops: it waits for it in a document without a clock.
        await insert_new(
            self._collection, [{"_id": id_} for id_ in dict.fromkeys(s.subject_id for s in stops)]
        )
        await write_bulk(self._collection, [_stamp(step) for step in stops])
        await self._stop([step.subject_id for step in steps])

    async def _ask(self, steps: Sequence[Asked]) -> None:
        newest: dict[str, Asked] = {}
        for step in map(self._as_told, steps):
            if step.subject_id not in newest or newest[step.subject_id].round < step.round:
                newest[step.subject_id] = step
        known = await insert_new(self._collection, [_document(one) for one in newest.values()])
        # Nothing but a higher round starts a clock again: a repeat finds its own round there.
        await write_bulk(self._collection, [_asked_again(newest[id_]) for id_ in known])

    def _as_told(self, step: Asked) -> Asked:
        until = self._told_until
        return step if until is None else replace(step, clock=step.clock.told(until))

    async def _stop(self, subject_ids: Sequence[str]) -> None:
        while True:
            found = await find_by(
                self._collection, "_id", subject_ids, also={"asked": {"$ne": None}}
            )
            stops = [stop for one in found if (stop := _stop_of(one)) is not None]
            # A chase may have marked in between, and nobody else comes back for what is left.
            if await write_bulk(self._collection, stops) == len(stops):
                return


def finding_subject(document: Mapping[str, Any]) -> Subject:
    """Whose clock runs on a finding: the bureau's; when it escalates, oversight is told."""
    return _subject(document, finding_id=document["_id"])


def breach_subject(document: Mapping[str, Any]) -> Subject:
    """Whose clock runs on a breach: the bureau's; the supervisor who raised it is told too."""
    return _subject(document, breach_id=document["_id"])


def case_subject(document: Mapping[str, Any]) -> Subject:
    """Whose clock runs on a case (信用待办): the authority's that decides it."""
    return _subject(document, case_id=document["_id"])


def _subject(document: Mapping[str, Any], **named: str) -> Subject:
    return Subject(
        key=document["_id"],
        about=DeadlineRef(decision_id=document["decision_id"], **named),
        organisation=document["authority"],
        counterpart=document.get("counterpart"),
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
        "counterpart": step.counterpart,
    }


def _document(step: Asked) -> dict[str, Any]:
    return {"_id": step.subject_id, **_about(step), "revision": 0, **clock_fields([step.clock])}


def _asked_again(step: Asked) -> UpdateOne:
    changes = clock_changes([step.clock])
    changes["$set"] |= _about(step)
    changes["$inc"] = {"revision": 1}
    which = {"_id": step.subject_id, "$or": [{"asked": None}, {"asked": {"$lt": step.round}}]}
    return UpdateOne(which, changes)


def _stamp(step: Answered | Closed) -> UpdateOne:
    if isinstance(step, Answered):
        return UpdateOne({"_id": step.subject_id}, {"$min": {f"answered.{step.round}": step.at}})
    # By their instants, so that it is the same document whatever the order.
    noted: dict[str, Any] = {f"closings.{int(step.at.timestamp() * 1000)}": step.at}
    if step.referred_to is not None:
        noted[f"referred_to.{step.referred_to}"] = True
    return UpdateOne({"_id": step.subject_id}, {"$set": noted})


def _stop_of(document: Mapping[str, Any]) -> UpdateOne | None:
    """The write that stops a clock still running though its round was answered or all is closed."""
    (clock,) = clocks_in(document)
    at = _stopped_at(document, clock)
    if at is None or clock.stopped_at is not None:
        return None
    changes = clock_changes([clock.stopped(at)])
    changes["$inc"] = {"revision": 1}
    return UpdateOne({"_id": document["_id"], "revision": document["revision"]}, changes)


def _stopped_at(document: Mapping[str, Any], clock: RunningClock) -> datetime | None:
    answered = document.get("answered", {}).get(str(document["asked"]))
    ends = [answered] if answered else []
    # The first round is asked by another process than closes it: its clock may be a little ahead.
    is_first = document["asked"] == 0
    closings = document.get("closings", {}).values()
    ends += [at for at in closings if is_first or at >= clock.started_at]
    return min(ends, default=None)

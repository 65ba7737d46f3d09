"""Escalations in MongoDB: ``escalations``, ``_id`` = escalation_id.

The fields of ``Escalation`` as they are called there, those of ``about`` beside them, days as ISO
strings; ``raise_at`` is absent once it is answered; the outbox is as ``linkage_runtime.outbox`` has
it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from pymongo import ASCENDING, IndexModel, UpdateOne

from linkage_contracts.codes import Clock
from linkage_contracts.deadlines import DeadlineRef
from linkage_runtime.mongo import Collection, find_by, insert_new, transient_errors, write_bulk
from linkage_runtime.outbox import Outbox, holding
from supervision_push.application.escalation_ports import EscalationStep
from supervision_push.domain.clocks import Level
from supervision_push.domain.escalation import Answer, Escalation

_INDEXES = (
    IndexModel([("organisation", ASCENDING), ("raised_at", ASCENDING)], name="own"),
    IndexModel([("superiors", ASCENDING), ("raised_at", ASCENDING)], name="watched"),
    IndexModel([("raise_at", ASCENDING)], name="unanswered", sparse=True),
)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""A range, not $exists: see ``mongo_clocks``."""
_ABOUT = tuple(DeadlineRef.model_fields)
_PLAIN = ("organisation", "party", "raised_at", "times")


class MongoEscalations:
    """See ``EscalationBook``."""

    def __init__(self, escalations: Collection, outbox: Outbox) -> None:
        self._escalations = escalations
        self._outbox = outbox

    async def create_indexes(self) -> None:
        """Idempotent."""
        await self._escalations.create_indexes(list(_INDEXES))
        await self._outbox.create_index()

    async def open(self, escalations: Sequence[Escalation]) -> None:
        """See the port."""
        await insert_new(self._escalations, [_document(one) for one in escalations])

    async def find(self, escalation_ids: Iterable[str]) -> dict[str, Escalation]:
        """See the port."""
        found = await find_by(self._escalations, "_id", escalation_ids)
        return {one["_id"]: escalation_in(one) for one in found}

    async def unanswered(self, at: datetime, limit: int) -> list[Escalation]:
        """See the port."""
        with transient_errors():
            cursor = self._escalations.find({"raise_at": {"$lte": at}})
            documents = await cursor.sort("raise_at", ASCENDING).limit(limit).to_list(limit)
        return [escalation_in(document) for document in documents]

    async def save(self, steps: Sequence[EscalationStep]) -> int:
        """See the port."""
        return await write_bulk(self._escalations, [_update(step) for step in steps])

    async def flush(self, escalation_ids: Sequence[str]) -> None:
        """See the port."""
        await self._outbox.flush(escalation_ids)

    async def waiting(self) -> int:
        """How many nobody has answered."""
        with transient_errors():
            return await self._escalations.count_documents({"raise_at": {"$gt": _LONG_AGO}})


def escalation_in(document: Mapping[str, Any]) -> Escalation:
    """The escalation of a document."""
    answer = document.get("answer")
    return Escalation(
        **{name: document[name] for name in _PLAIN if name in document},
        escalation_id=document["_id"],
        about=DeadlineRef(**{name: document[name] for name in _ABOUT if name in document}),
        superiors=tuple(document["superiors"]),
        clock=Clock(document["clock"]),
        due_on=date.fromisoformat(document["due_on"]),
        level=Level(document["level"]),
        raise_at=document.get("raise_at", document["raised_at"]),
        answer=Answer(**answer) if answer else None,
    )


def _document(escalation: Escalation) -> dict[str, Any]:
    plain = {name: getattr(escalation, name) for name in _PLAIN}
    return {
        "_id": escalation.escalation_id,
        **plain,
        **escalation.about.model_dump(exclude_none=True),
        "superiors": list(escalation.superiors),
        "clock": escalation.clock.value,
        "due_on": escalation.due_on.isoformat(),
        "level": int(escalation.level),
        "raise_at": escalation.raise_at,
    }


def _update(step: EscalationStep) -> UpdateOne:
    before, after, held = step.before, step.after, holding(step.letters)
    which = {"_id": before.escalation_id, "times": before.times, "answer": {"$exists": False}}
    changes: dict[str, dict[str, Any]] = {"$set": held["$set"], "$push": held["$push"]}
    if after.answer is None:
        changes["$set"] |= {"times": after.times, "raise_at": after.raise_at}
    else:
        answer = {name: getattr(after.answer, name) for name in Answer.__dataclass_fields__}
        changes["$set"] |= {"answer": answer}
        changes["$unset"] = {"raise_at": ""}
    return UpdateOne(which, changes)

"""Draws in MongoDB: ``credit.draws``, and ``credit.draw_populations`` in parts of whole lines.

Populations are parts of ``draw_id``; visits, in JSON, and whom other draws drew meanwhile are parts
of ``drawn_by``: a draw and its word, for of two words at once only one opens it.
They stand on no topic: who was drawn is internal, and a draw cannot be made again from the log.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from pymongo import ASCENDING

from credit.application.draw_sample import Draw
from credit.domain.sampling import Candidate, SamplingPlan, Share, Visit
from linkage_contracts.ids import stable_id
from linkage_runtime.mongo import Collection, insert_new, transient_errors

_LINES = 20_000
"""Of a part: well below the 16 MB that a document may have."""


class MongoDraws:
    """A ``DrawLedger``."""

    def __init__(self, draws: Collection, populations: Collection) -> None:
        self._draws = draws
        self._populations = populations

    async def create_indexes(self) -> None:
        """The parts of a population, in order; draws by their day."""
        await self._populations.create_index(
            [("draw_id", ASCENDING), ("part", ASCENDING)], name="draw_id_part"
        )
        await self._populations.create_index(
            [("drawn_by", ASCENDING), ("part", ASCENDING)], name="drawn_by_part", sparse=True
        )
        await self._draws.create_index([("on", ASCENDING)], name="on")

    async def announce(self, new: Draw, population: Sequence[Candidate]) -> None:
        """See ``DrawLedger``."""
        await self._add_lines("draw_id", new.draw_id, [each.line for each in population])
        await insert_new(self._draws, [_document(new)])

    async def of_id(self, draw_id: str) -> Draw | None:
        """See ``DrawLedger``."""
        with transient_errors():
            found = await self._draws.find_one({"_id": draw_id})
        if not found:
            return None
        return _draw(found, await self._visits(found), await self._left_alone(found))

    async def population(self, draw_id: str) -> tuple[Candidate, ...]:
        """See ``DrawLedger``."""
        return tuple(map(Candidate.of_line, await self._lines("draw_id", draw_id)))

    async def open(self, opened: Draw) -> bool:
        """See ``DrawLedger``."""
        lines = [json.dumps([visit.party, *visit.authorities]) for visit in opened.visits]
        await self._add_lines("drawn_by", _drawn_by(opened.draw_id, opened.word), lines)
        alone = _left_alone_by(opened.draw_id, opened.word)
        await self._add_lines("drawn_by", alone, opened.left_alone)
        change = {"word": opened.word, "opened_at": opened.opened_at}
        with transient_errors():
            done = await self._draws.update_one(
                {"_id": opened.draw_id, "opened_at": None}, {"$set": change}
            )
        return done.matched_count == 1

    async def drawn_between(self, after: datetime, until: datetime) -> frozenset[str]:
        """See ``DrawLedger``."""
        with transient_errors():
            which = {"opened_at": {"$gt": after, "$lte": until}}
            draws = await self._draws.find(which).to_list(None)
        visits = [visit for found in draws for visit in await self._visits(found)]
        return frozenset(visit.party for visit in visits)

    async def drawn_since(self, day: date) -> Mapping[str, tuple[date, ...]]:
        """See ``DrawLedger``."""
        drawn: defaultdict[str, list[date]] = defaultdict(list)
        with transient_errors():
            draws = await self._draws.find({"on": {"$gte": day.isoformat()}}).to_list(None)
        for found in draws:
            for visit in await self._visits(found):
                drawn[visit.party].append(date.fromisoformat(found["on"]))
        return {party: tuple(days) for party, days in drawn.items()}

    async def _visits(self, found: Mapping[str, Any]) -> tuple[Visit, ...]:
        if found["opened_at"] is None:
            return ()
        lines = await self._lines("drawn_by", _drawn_by(found["_id"], found["word"]))
        visits = map(json.loads, lines)
        return tuple(Visit(party=party, authorities=tuple(by)) for party, *by in visits)

    async def _left_alone(self, found: Mapping[str, Any]) -> tuple[str, ...]:
        if found["opened_at"] is None:
            return ()
        return tuple(await self._lines("drawn_by", _left_alone_by(found["_id"], found["word"])))

    async def _add_lines(self, of: str, key: str, lines: Sequence[str]) -> None:
        for part, start in enumerate(range(0, len(lines), _LINES)):
            fields = {of: key, "part": part, "lines": "\n".join(lines[start : start + _LINES])}
            await insert_new(self._populations, [{"_id": f"{key}/{part}", **fields}])

    async def _lines(self, of: str, key: str) -> list[str]:
        with transient_errors():
            parts = await self._populations.find({of: key}).sort("part", ASCENDING).to_list(None)
        return [line for part in parts for line in part["lines"].split("\n")]


def _drawn_by(draw_id: str, word: str | None) -> str:
    return stable_id("drawn by", draw_id, word or "")


def _left_alone_by(draw_id: str, word: str | None) -> str:
    return stable_id("left alone by", draw_id, word or "")


def _document(made: Draw) -> dict[str, Any]:
    return {
        "_id": made.draw_id,
        "on": made.on.isoformat(),
        "title": made.title,
        "shares": [asdict(share) for share in made.shares],
        "by": made.by,
        "announced_at": made.announced_at,
        "plan": made.plan.model_dump(mode="json"),
        "population_digest": made.population_digest,
        "parties": made.parties,
        "seed": made.seed,
        "word": made.word,
        "opened_at": made.opened_at,
    }


def _draw(found: Mapping[str, Any], visits: tuple[Visit, ...], left_alone: tuple[str, ...]) -> Draw:
    rest = {
        name: found[name]
        for name in (
            *("title", "by", "announced_at", "population_digest"),
            *("parties", "seed", "word", "opened_at"),
        )
    }
    return Draw(
        draw_id=found["_id"],
        shares=tuple(Share(**share) for share in found["shares"]),
        plan=SamplingPlan.model_validate(found["plan"]),
        visits=visits,
        left_alone=left_alone,
        **rest,
    )

"""Draws in MongoDB: ``credit.draws``, and ``credit.draw_populations`` in parts of whole lines.

They stand on no topic: who was drawn is internal, and a draw cannot be made again from the log.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from pymongo import ASCENDING

from credit.application.draw_sample import Draw
from credit.domain.sampling import Candidate, SamplingPlan, Share, Visit
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
        await self._draws.create_index([("on", ASCENDING)], name="on")

    async def announce(self, new: Draw, population: Sequence[Candidate]) -> None:
        """See ``DrawLedger``."""
        for part, start in enumerate(range(0, len(population), _LINES)):
            lines = "\n".join(each.line for each in population[start : start + _LINES])
            fields = {"draw_id": new.draw_id, "part": part, "lines": lines}
            await insert_new(self._populations, [{"_id": f"{new.draw_id}/{part}", **fields}])
        await insert_new(self._draws, [_document(new)])

    async def of_id(self, draw_id: str) -> Draw | None:
        """See ``DrawLedger``."""
        with transient_errors():
            found = await self._draws.find_one({"_id": draw_id})
        return _draw(found) if found else None

    async def population(self, draw_id: str) -> tuple[Candidate, ...]:
        """See ``DrawLedger``."""
        with transient_errors():
            parts = await (
                self._populations.find({"draw_id": draw_id}).sort("part", ASCENDING).to_list(None)
            )
        lines = (line for part in parts for line in part["lines"].split("\n"))
        return tuple(map(Candidate.of_line, lines))

    async def open(self, opened: Draw) -> bool:
        """See ``DrawLedger``."""
        fields = _document(opened)
        change = {name: fields[name] for name in ("word", "opened_at", "visits")}
        with transient_errors():
            done = await self._draws.update_one(
                {"_id": opened.draw_id, "opened_at": None}, {"$set": change}
            )
        return done.matched_count == 1

    async def drawn_since(self, day: date) -> Mapping[str, tuple[date, ...]]:
        """See ``DrawLedger``."""
        drawn: defaultdict[str, list[date]] = defaultdict(list)
        with transient_errors():
            async for found in self._draws.find({"on": {"$gte": day.isoformat()}}):
                for visit in found["visits"]:
                    drawn[visit["party"]].append(date.fromisoformat(found["on"]))
        return {party: tuple(days) for party, days in drawn.items()}


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
        "visits": [
            {"party": visit.party, "authorities": list(visit.authorities)} for visit in made.visits
        ],
    }


def _draw(found: Mapping[str, Any]) -> Draw:
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
        visits=tuple(
            Visit(party=visit["party"], authorities=tuple(visit["authorities"]))
            for visit in found["visits"]
        ),
        **rest,
    )

"""Try a scorecard over all parties before it is published: what would change."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from heapq import nlargest

from credit.domain.rating import licences_of, rate
from credit.domain.review import division_warnings
from credit.domain.scorecard import Scorecard
from credit.ports import AllFacts
from linkage_contracts.codes import RiskClass

MOST_MOVES = 100
_KEPT_MOVES = 2_000
_CLASSES = tuple(RiskClass)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One party under both scorecards; before is ``None`` where none was in force."""

    party: str
    party_name: str
    before: RiskClass | None
    after: RiskClass
    points_before: int
    points_after: int

    @property
    def weight(self) -> tuple[int, int, str]:
        """By how many classes, then by how many points; the party decides a tie."""
        steps = (
            0 if self.before is None else _CLASSES.index(self.after) - _CLASSES.index(self.before)
        )
        return abs(steps), abs(self.points_after - self.points_before), self.party


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What would change."""

    before: str | None
    after: str
    parties: int
    matrix: Counter[tuple[RiskClass | None, RiskClass]]
    moves: tuple[Move, ...]
    """The parties that move most, the farthest first."""
    warnings: tuple[str, ...]
    is_refused: bool
    """Everybody would land in one class: such a scorecard divides nobody."""


async def try_scorecard(
    draft: Scorecard, in_force: Scorecard | None, on: date, *, facts: AllFacts
) -> Trial:
    """Rate every party of the draft's domain by both; memory holds the parties that move most."""
    matrix: Counter[tuple[RiskClass | None, RiskClass]] = Counter()
    moves: list[Move] = []
    async for known in facts.by_party():
        if draft.items and not licences_of(known, draft):
            continue
        party = known[0].party
        after = rate(party, known, draft, on)
        before = rate(party, known, in_force, on) if in_force else None
        risk_class = before.risk_class if before else None
        matrix[risk_class, after.risk_class] += 1
        move = Move(
            party=party,
            party_name=after.party_name,
            before=risk_class,
            after=after.risk_class,
            points_before=before.points if before else 0,
            points_after=after.points,
        )
        if move.before is not move.after or move.points_before != move.points_after:
            moves.append(move)
        if len(moves) > _KEPT_MOVES:
            moves = _farthest(moves)
    classes = Counter(
        {c: sum(n for (_, after), n in matrix.items() if after is c) for c in RiskClass}
    )
    return Trial(
        before=in_force.version if in_force else None,
        after=draft.version,
        parties=matrix.total(),
        matrix=matrix,
        moves=tuple(_farthest(moves)),
        warnings=division_warnings(classes),
        is_refused=matrix.total() > 1 and sum(n > 0 for n in classes.values()) == 1,
    )


def _farthest(moves: list[Move]) -> list[Move]:
    return nlargest(MOST_MOVES, moves, key=lambda move: move.weight)

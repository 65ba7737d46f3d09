"""A rating is a pure function of a party's facts, a scorecard and a day."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Self

from credit.domain.criteria import Criterion, HardRule
from credit.domain.facts import Fact, in_order, kind_in, name_in
from credit.domain.grades import PenaltyGrades
from credit.domain.scorecard import Scorecard
from credit.domain.standing import standing
from linkage_contracts.ratings import Rating, Reason

MOST_NAMED = 50
"""A hard rule needs one fact; it names this many of the newest, so that an event stays small."""


def rate(party: str, facts: Iterable[Fact], scorecard: Scorecard, on: date) -> Rating:
    """What the facts of a party amount to on a day, with every reason.

    The reasons' points add up to the total; neither order nor repetition of the facts matters.
    What is stored and told of a party is made of this by ``current_rating``; it adds the bars.
    """
    known = in_order(facts)
    counted = concerning(standing(known, on), known, scorecard)
    lines = Lines.of(scorecard, known)
    scored = tuple(_scored(counted, lines, on))
    ruled = tuple(_ruled(counted, lines, on))
    points = sum(reason.points for reason in scored)
    # A, B, C, D: the letters stand in the order of the risk.
    risk_class = max([scorecard.band_of(points), *(rule.at_least for rule, _ in ruled)])
    return Rating(
        party=party,
        party_name=name_in(known) or party,
        risk_class=risk_class,
        points=points,
        scorecard=scorecard.version,
        as_of=on,
        revision=0,
        reasons=scored + tuple(reason for _, reason in ruled),
    )


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a scorecard that are for one party."""

    criteria: tuple[Criterion, ...]
    hard_rules: tuple[HardRule, ...]
    grades: PenaltyGrades

    @classmethod
    def of(cls, scorecard: Scorecard, facts: Iterable[Fact]) -> Self:
        """Those for the kind of party that the facts know it by."""
        kind = kind_in(facts)
        return cls(
            tuple(line for line in scorecard.criteria if line.is_for(kind)),
            tuple(line for line in scorecard.hard_rules if line.is_for(kind)),
            scorecard.penalty_grades,
        )


def concerning(
    counted: Sequence[Fact], known: Iterable[Fact], scorecard: Scorecard
) -> tuple[Fact, ...]:
    """The facts that are the scorecard's business: of its items' licences, or of no licence."""
    if not scorecard.items:
        return tuple(counted)
    licences = licences_of(known, scorecard)
    return tuple(f for f in counted if f.decision_id is None or f.decision_id in licences)


def licences_of(known: Iterable[Fact], scorecard: Scorecard) -> frozenset[str | None]:
    """The decisions on the scorecard's items."""
    return frozenset(f.decision_id for f in known if not scorecard.items.isdisjoint(f.items))


def _scored(facts: Sequence[Fact], lines: Lines, on: date) -> Iterator[Reason]:
    for criterion in lines.criteria:
        if worth := worth_of(criterion, facts, lines.grades, on):
            yield _capped(criterion, worth)


def worth_of(
    criterion: Criterion, facts: Iterable[Fact], grades: PenaltyGrades, on: date
) -> list[tuple[str, int]]:
    """What each fact of a criterion is worth on a day, before the cap; the heaviest first."""
    worth = [
        (fact.fact_id, points)
        for fact in facts
        if criterion.fits(fact, grades) and (points := criterion.points_for(fact, on))
    ]
    return sorted(worth, key=lambda named: (-abs(named[1]), named[0]))


def _capped(criterion: Criterion, worth: Sequence[tuple[str, int]]) -> Reason:
    """The heaviest facts, up to the cap; what lies beyond it moved nothing and is not named."""
    before = [0, *accumulate(points for _, points in worth)]
    # Points of one criterion have one sign, so the sums run steadily towards the cap.
    needed = [
        fact_id
        for (fact_id, _), so_far in zip(worth, before, strict=False)
        if abs(so_far) < abs(criterion.cap)
    ]
    total = before[-1] if abs(before[-1]) < abs(criterion.cap) else criterion.cap
    return Reason(
        criterion=criterion.code, title=criterion.title, points=total, facts=tuple(needed)
    )


def _ruled(facts: Sequence[Fact], lines: Lines, on: date) -> Iterator[tuple[HardRule, Reason]]:
    for rule in lines.hard_rules:
        named = [
            fact.fact_id
            for fact in facts
            if rule.is_valid(fact, on) and rule.fits(fact, lines.grades)
        ]
        if named:
            newest = tuple(named[-MOST_NAMED:])
            yield rule, Reason(criterion=rule.code, title=rule.title, points=0, facts=newest)

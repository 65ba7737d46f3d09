"""A rating is a pure function of a party's facts, a scorecard and a day."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import accumulate

from credit.domain.criteria import Criterion, HardRule
from credit.domain.facts import Fact, in_order, name_in
from credit.domain.scorecard import Scorecard
from credit.domain.standing import bars_in, standing
from linkage_contracts.ratings import Rating, Reason

MOST_NAMED = 50
"""A hard rule needs one fact; it names this many of the newest, so that an event stays small."""


def rate(party: str, facts: Iterable[Fact], scorecard: Scorecard, on: date) -> Rating:
    """What the facts of a party amount to on a day, with every reason.

    The reasons' points add up to the total; neither order nor repetition of the facts matters.
    The revision is the number of facts known: of two ratings, the higher one has seen more.
    """
    known = in_order(facts)
    counted = standing(known, on)
    scored = tuple(_scored(counted, scorecard, on))
    ruled = tuple(_ruled(counted, scorecard, on))
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
        revision=len(known),
        reasons=scored + tuple(reason for _, reason in ruled),
        bars=bars_in(counted),
    )


def _scored(facts: Sequence[Fact], scorecard: Scorecard, on: date) -> Iterator[Reason]:
    for criterion in scorecard.criteria:
        worth = [
            (fact.fact_id, points)
            for fact in facts
            if criterion.fits(fact, scorecard.penalty_grades)
            and (points := criterion.points_for(fact, on))
        ]
        if worth:
            yield _capped(criterion, worth)


def _capped(criterion: Criterion, worth: Sequence[tuple[str, int]]) -> Reason:
    """The heaviest facts, up to the cap; what lies beyond it moved nothing and is not named."""
    heaviest = sorted(worth, key=lambda named: (-abs(named[1]), named[0]))
    before = [0, *accumulate(points for _, points in heaviest)]
    # Points of one criterion have one sign, so the sums run steadily towards the cap.
    needed = [
        fact_id
        for (fact_id, _), so_far in zip(heaviest, before, strict=False)
        if abs(so_far) < abs(criterion.cap)
    ]
    total = before[-1] if abs(before[-1]) < abs(criterion.cap) else criterion.cap
    return Reason(
        criterion=criterion.code, title=criterion.title, points=total, facts=tuple(needed)
    )


def _ruled(
    facts: Sequence[Fact], scorecard: Scorecard, on: date
) -> Iterator[tuple[HardRule, Reason]]:
    for rule in scorecard.hard_rules:
        named = [
            fact.fact_id
            for fact in facts
            if rule.is_valid(fact, on) and rule.fits(fact, scorecard.penalty_grades)
        ]
        if named:
            newest = tuple(named[-MOST_NAMED:])
            yield rule, Reason(criterion=rule.code, title=rule.title, points=0, facts=newest)

"""A rating is a pure function of a party's facts, a scorecard and a day."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Self

from credit.domain.bars import bars_in
from credit.domain.criteria import Criterion, HardRule, PenaltyGrades
from credit.domain.facts import Fact, in_order, kind_in, name_in
from credit.domain.scorecard import Scorecard
from credit.domain.standing import as_corrected, standing
from linkage_contracts.ratings import Rating, Reason

MOST_NAMED = 50
"""A hard rule needs one fact; it names this many of the newest, so that an event stays small."""


_DAYS = 1_000_000
"""More than any day's ordinal, so that a revision orders by facts first and by days then."""


def facts_seen(rating: Rating) -> int:
    """How many facts a rating knows; later facts are added, and none is ever taken away."""
    return rating.revision // _DAYS


def rate(party: str, facts: Iterable[Fact], scorecard: Scorecard, on: date) -> Rating:
    """What the facts of a party amount to on a day, with every reason.

    The reasons' points add up to the total; neither order nor repetition of the facts matters.
    Of two ratings the one with the higher revision has seen more facts, or as many on a later day.
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
        revision=len(known) * _DAYS + on.toordinal(),
        reasons=scored + tuple(reason for _, reason in ruled),
        bars=bars_in(counted),
        next_change_on=next_change_on(known, scorecard, on),
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


def next_change_on(known: Iterable[Fact], scorecard: Scorecard, on: date) -> date | None:
    """The next day on which the rating may become another without any new fact.

    Never later than the first real change: a capped or barred fact may make it come in vain.
    """
    right = as_corrected(known)
    lines = Lines.of(scorecard, right)
    days = [
        day
        for fact in right
        for line in (*lines.criteria, *lines.hard_rules)
        if line.fits(fact, lines.grades) and (day := line.changes_after(fact, on))
    ]
    days += [fact.occurred_on for fact in right if fact.occurred_on > on]
    days += [fact.entry.until for fact in right if fact.entry and fact.entry.until > on]
    return min(days, default=None)


def due_on(rating: Rating) -> date:
    """When to rate again without a new fact: at the next change, and every month in any case."""
    month = rating.as_of.year * 12 + rating.as_of.month
    first_of_next = date(month // 12, month % 12 + 1, 1)
    return min(rating.next_change_on or first_of_next, first_of_next)


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

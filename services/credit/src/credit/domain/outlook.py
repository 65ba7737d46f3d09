"""What a party's class rests on, what will fall away and when, and what it could do to move up."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from credit.domain.course import course_of
from credit.domain.criteria import Criterion
from credit.domain.facts import REPAIRABLE_KINDS, Fact, FactKind, in_order
from credit.domain.rating import Lines, concerning, rate, worth_of
from credit.domain.scorecard import Scorecard
from credit.domain.spans import spans_of
from credit.domain.standing import standing
from linkage_contracts.codes import RiskClass
from linkage_contracts.ids import stable_id
from linkage_contracts.ratings import Rating

MOST_SHARES = 200
"""Facts that are told one by one, the heaviest of each criterion first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One fact under one criterion: its points before the cap, and when they fade and end."""

    fact: str
    criterion: str
    points: int
    counted: bool
    """Whether it moved the total; what lies beyond a cap did not."""
    fades_on: date | None
    ends_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The rating on a day to come, if nothing new happens."""

    on: date
    risk_class: RiskClass
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """What would move the party up, each computed by rating it so; none is a promise."""

    waiting: Step | None
    """The first day on which time alone brings a better class."""
    repair: tuple[str, ...]
    """The fewest of its heaviest facts whose repair would bring a better class today."""
    repaired_class: RiskClass | None
    record: tuple[tuple[str, int], ...]
    """Criterion and number: so many more facts of one good kind would bring a better class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """A rating, taken apart."""

    decided_by: str
    """``bands``, or the code of the hard rule that made the class worse than the points."""
    shares: tuple[Share, ...]
    to_come: tuple[Step, ...]
    """The changes of points or class that time alone will bring, in order."""
    ways: Ways | None
    """None for a party that stands in the best class."""


def look_ahead(facts: Iterable[Fact], card: Scorecard, rating: Rating) -> Outlook:
    """Explain a rating of these facts by this scorecard."""
    known = in_order(facts)
    steps = tuple(_steps(known, card, rating))
    return Outlook(
        decided_by=_decisive(card, rating),
        shares=tuple(_shares(known, card, rating))[:MOST_SHARES],
        to_come=steps,
        ways=None if rating.risk_class is RiskClass.LOW else _ways(known, card, rating, steps),
    )


def _decisive(card: Scorecard, rating: Rating) -> str:
    if card.band_of(rating.points) is rating.risk_class:
        return "bands"
    named = {reason.criterion for reason in rating.reasons}
    return next(
        rule.code
        for rule in card.hard_rules
        if rule.code in named and rule.at_least is rating.risk_class
    )


def _shares(known: Sequence[Fact], card: Scorecard, rating: Rating) -> Iterator[Share]:
    on = rating.as_of
    counted = {fact.fact_id: fact for fact in concerning(standing(known, on), known, card)}
    moved = {reason.criterion: set(reason.facts) for reason in rating.reasons}
    for criterion in Lines.of(card, known).criteria:
        for fact_id, points in worth_of(criterion, counted.values(), card.penalty_grades, on):
            yield Share(
                fact=fact_id,
                criterion=criterion.code,
                points=points,
                counted=fact_id in moved[criterion.code],
                fades_on=_fades_on(criterion, counted[fact_id], on),
                ends_on=criterion.ends_on(counted[fact_id]),
            )


def _fades_on(criterion: Criterion, fact: Fact, on: date) -> date | None:
    change = criterion.changes_after(fact, on)
    return change if change != criterion.ends_on(fact) else None


def _steps(known: Sequence[Fact], card: Scorecard, rating: Rating) -> Iterator[Step]:
    last = rating.points, rating.risk_class
    for turn in course_of(spans_of(known), known, card):
        if turn.on > rating.as_of and (turn.points, turn.risk_class) != last:
            last = turn.points, turn.risk_class
            yield Step(on=turn.on, risk_class=turn.risk_class, points=turn.points)


def _ways(known: Sequence[Fact], card: Scorecard, rating: Rating, steps: Sequence[Step]) -> Ways:
    waiting = next((step for step in steps if step.risk_class < rating.risk_class), None)
    repair, repaired_class = _by_repair(known, card, rating)
    return Ways(
        waiting=waiting,
        repair=repair,
        repaired_class=repaired_class,
        record=tuple(_by_record(known, card, rating)),
    )


def _by_repair(
    known: Sequence[Fact], card: Scorecard, rating: Rating
) -> tuple[tuple[str, ...], RiskClass | None]:
    """Take away, one after another, what weighs most; stop at the first better class."""
    kinds = {fact.fact_id: fact.kind for fact in known}
    stains = [
        fact
        for reason in sorted(rating.reasons, key=lambda r: (r.points != 0, -r.points))
        for fact in reason.facts
        if kinds[fact] in REPAIRABLE_KINDS
    ]
    tried: list[str] = []
    for stain in dict.fromkeys(stains):
        tried.append(stain)
        then = rate(rating.party, [*known, _repair(known[0], tried, rating)], card, rating.as_of)
        if then.risk_class < rating.risk_class:
            return tuple(tried), then.risk_class
    return (), None


def _by_record(known: Sequence[Fact], card: Scorecard, rating: Rating) -> Iterator[tuple[str, int]]:
    for criterion in Lines.of(card, known).criteria:
        if criterion.points > 0 or criterion.lists:
            continue
        for number in range(1, criterion.cap // criterion.points + 2):
            more = [_imagined(known, criterion, each, rating) for each in range(number)]
            then = rate(rating.party, [*known, *more], card, rating.as_of)
            if then.risk_class < rating.risk_class:
                yield criterion.code, number
                break


def _repair(like: Fact, facts: Sequence[str], rating: Rating) -> Fact:
    return Fact(
        fact_id=stable_id("imagined", rating.party),
        party=rating.party,
        kind=FactKind.FACTS_REPAIRED,
        occurred_on=rating.as_of,
        occurred_at=like.occurred_at,
        authority=like.authority,
        event_id=like.event_id,
        targets=tuple(facts),
    )


def _imagined(known: Sequence[Fact], criterion: Criterion, number: int, rating: Rating) -> Fact:
    return Fact(
        fact_id=stable_id("imagined", rating.party, criterion.code, str(number)),
        party=rating.party,
        kind=criterion.facts[0],
        occurred_on=rating.as_of,
        occurred_at=known[0].occurred_at,
        authority=known[0].authority,
        event_id=known[0].event_id,
    )

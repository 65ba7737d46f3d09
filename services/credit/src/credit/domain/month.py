"""What a month moved: how many parties went from which class to which, domain by domain."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from credit.domain.course import course_of
from credit.domain.facts import Fact
from credit.domain.review import division_warnings
from credit.domain.scorecard import Scorecard, Scorecards
from credit.domain.spans import spans_of
from linkage_contracts.codes import RiskClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """One domain in one month; from ``None`` is whoever was first heard of in it."""

    domain: str
    scorecard: str
    between: Counter[tuple[RiskClass | None, RiskClass]] = field(default_factory=Counter)

    @property
    def parties(self) -> int:
        """All that the domain has at the end."""
        return self.between.total()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is odd about how its scorecard divides them."""
        classes: Counter[RiskClass] = Counter()
        for (_, after), number in self.between.items():
            classes[after] += number
        return division_warnings(classes)


def month_before(first: date) -> date:
    """The first day of the month before."""
    return (first - timedelta(days=1)).replace(day=1)


def count_moves(
    known: Sequence[Fact], cards: Scorecards, first: date, moves: dict[str, Moves]
) -> None:
    """Add one party, by what is known of it: from the first of the month before to ``first``."""
    spans, before = spans_of(known), month_before(first)
    if known[0].occurred_on > first:
        return
    for card in cards.of_party(known):
        own = moves.setdefault(card.domain, Moves(domain=card.domain, scorecard=card.version))
        course = course_of(spans, known, card)

        def class_on(day: date, card: Scorecard = card) -> RiskClass:
            passed = [turn.risk_class for turn in course if turn.on <= day]  # noqa: B023 -- at once
            return passed[-1] if passed else card.band_of(0)

        was = class_on(before) if known[0].occurred_on <= before else None
        own.between[was, class_on(first)] += 1

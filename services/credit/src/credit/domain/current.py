"""The rating that is stored and told: all domains of a party, as they stand on a day.

It is a pure function of facts, scorecards and the day, and the same bytes on every day until
something turns: whatever the batches, repeats and restarts, a rebuild comes to the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from credit.domain.bars import Bars
from credit.domain.course import Turn, changed_days, class_turns, course_of
from credit.domain.facts import ELIGIBILITY_KINDS, Fact, in_order
from credit.domain.rating import rate
from credit.domain.scorecard import Scorecard, Scorecards
from credit.domain.spans import count_on, spans_of
from linkage_contracts.ratings import DomainRating, Rating

# A revision orders by facts first, then by scorecards, then by days, six digits each: a day that
# can be sent (1900 to 2199) has an ordinal between 693,596 and 803,168.
_SIX_DIGITS = 1_000_000


def facts_seen(rating: Rating) -> int:
    """How much of a party a rating has seen; more facts never make it less."""
    return rating.revision // _SIX_DIGITS**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What all parties are measured by."""

    scorecards: Scorecards
    bars: Bars

    @property
    def rank(self) -> int:
        """Rises with every version that is published."""
        return self.scorecards.rank + self.bars.rank


def current_rating(party: str, facts: Iterable[Fact], measures: Measures, today: date) -> Rating:
    """What stands today.

    ``as_of`` is the day since which it does, so that it is the same whenever it is computed.
    """
    known = in_order(facts)
    spans = spans_of(known)
    cards = measures.scorecards
    own = cards.of_party(known)
    courses = {card.domain: course_of(spans, known, card) for card in own}
    deciding = [span for span in spans if span.fact.kind in ELIGIBILITY_KINDS]
    days = changed_days(courses, deciding)
    passed = [day for day in days if day <= today]
    since = passed[-1] if passed else known[0].occurred_on
    # Before anything turned it is the earliest day: the earlier, the more is known.
    day = since.toordinal() if passed else _SIX_DIGITS - since.toordinal()
    general = rate(party, known, cards.general, today)
    return general.model_copy(
        update={
            **_before(courses[cards.GENERAL], cards.general, today),
            "as_of": since,
            "revision": _revision(known, own, day, measures.bars.rank),
            "bars": measures.bars.among(count_on(spans, today)),
            "next_change_on": next((day for day in days if day > today), None),
            "domains": tuple(_domains(party, known, own, courses, today)),
        }
    )


def _domains(
    party: str,
    known: Sequence[Fact],
    own: Iterable[Scorecard],
    courses: Mapping[str, Sequence[Turn]],
    today: date,
) -> Iterator[DomainRating]:
    for card in own:
        if card.domain != Scorecards.GENERAL:
            rating = rate(party, known, card, today)
            yield DomainRating(
                domain=card.domain,
                items=tuple(sorted(card.items)),
                risk_class=rating.risk_class,
                points=rating.points,
                scorecard=rating.scorecard,
                reasons=rating.reasons,
                **_before(courses[card.domain], card, today),
            )


def _before(course: Sequence[Turn], card: Scorecard, today: date) -> dict[str, Any]:
    turns = [turn for turn in class_turns(course, card) if turn.on <= today]
    if not turns:
        return {}
    return {"previous_class": turns[-1].previous_class, "class_since": turns[-1].on}


def _revision(known: Sequence[Fact], own: Sequence[Scorecard], day: int, bars_rank: int) -> int:
    rank = sum(card.rank for card in own) + bars_rank
    return (_seen(known, own) * _SIX_DIGITS + rank) * _SIX_DIGITS + day


def _seen(known: Sequence[Fact], own: Sequence[Scorecard]) -> int:
    """How many facts could move the rating, and how often name or kind of the party changed.

    What is not counted, such as one more licence that no scorecard looks at, changes no byte of
    it: nothing is written or told for it.
    """
    moving = sum(any(card.looks_at(fact) for card in own) for fact in known)
    names = sum(1 for _ in groupby(fact.party_name for fact in known if fact.party_name))
    kinds = sum(1 for _ in groupby(fact.party_kind for fact in known if fact.party_kind))
    return moving + names + kinds

"""Explain a rating: of any day, computed from the facts, with all changes of class."""

import asyncio
from dataclasses import dataclass, replace
from datetime import date

from credit.domain.course import ClassTurn, class_turns, course_of
from credit.domain.current import Measures
from credit.domain.facts import Fact, in_order
from credit.domain.outlook import Outlook, look_ahead
from credit.domain.rating import licences_of, rate
from credit.domain.scorecard import Scorecard
from credit.domain.spans import spans_of
from credit.domain.standing import standing
from credit.ports import FactLedger
from linkage_contracts.ratings import Bar, Rating


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRating:
    """A rating and how the party came to its class."""

    rating: Rating
    outlook: Outlook
    changes: tuple[ClassTurn, ...]
    """Up to the day, newest first."""
    bars: tuple[Bar, ...] = ()
    domains: tuple[str, ...] = ()
    """All that the party is rated in."""


async def explain_rating(
    party: str, on: date, scorecard: Scorecard, *, facts: FactLedger, measures: Measures
) -> ExplainedRating | None:
    """The rating of a day, or ``None`` for a party of which nothing is known in the domain."""
    known = in_order(await facts.of_party(party))
    if not known or (scorecard.items and not licences_of(known, scorecard)):
        return None
    # Many days are looked at: in a thread, so that the counter is answered meanwhile.
    explained = await asyncio.to_thread(_explained, party, on, known, scorecard)
    return replace(
        explained,
        bars=measures.bars.among(standing(known, on)),
        domains=tuple(card.domain for card in measures.scorecards.of_party(known)),
    )


def _explained(party: str, on: date, known: tuple[Fact, ...], card: Scorecard) -> ExplainedRating:
    rating = rate(party, known, card, on)
    turns = class_turns(course_of(spans_of(known), known, card), card)
    return ExplainedRating(
        rating=rating,
        outlook=look_ahead(known, card, rating),
        changes=tuple(turn for turn in reversed(turns) if turn.on <= on),
    )

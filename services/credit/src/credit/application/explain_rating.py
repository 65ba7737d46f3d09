"""Explain a rating: of any day, computed from the facts, with the last changes of class."""

import asyncio
from dataclasses import dataclass
from datetime import date

from credit.domain.outlook import Outlook, look_ahead
from credit.domain.rating import licences_of, rate
from credit.domain.scorecard import Scorecard
from credit.ports import ClassChange, FactLedger, RatingLedger
from linkage_contracts.ratings import Rating


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRating:
    """A rating and how the party came to its class."""

    rating: Rating
    outlook: Outlook
    changes: tuple[ClassChange, ...]


async def explain_rating(
    party: str, on: date, scorecard: Scorecard, *, facts: FactLedger, ratings: RatingLedger
) -> ExplainedRating | None:
    """The rating of a day, or ``None`` for a party of which nothing is known in the domain.

    Changes of class are kept for the general domain alone: the others are computed when asked for.
    """
    known = await facts.of_party(party)
    if not known or (scorecard.items and not licences_of(known, scorecard)):
        return None
    changes = await ratings.changes_of(party)
    rating = rate(party, known, scorecard, on)
    # Many ratings of days to come: in a thread, so that the counter is answered meanwhile.
    outlook = await asyncio.to_thread(look_ahead, party, known, scorecard, rating)
    return ExplainedRating(
        rating=rating,
        outlook=outlook,
        changes=tuple(each for each in changes if _is_of(each, scorecard)),
    )


def _is_of(change: ClassChange, scorecard: Scorecard) -> bool:
    return change.rating.scorecard.startswith(f"{scorecard.domain}-")

"""Explain a rating: of any day, computed from the facts, with the last changes of class."""

from dataclasses import dataclass
from datetime import date

from credit.domain.rating import rate
from credit.domain.scorecard import Scorecard
from credit.ports import ClassChange, FactLedger, RatingLedger
from linkage_contracts.ratings import Rating


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRating:
    """A rating and how the party came to its class."""

    rating: Rating
    changes: tuple[ClassChange, ...]


async def explain_rating(
    party: str, on: date, *, facts: FactLedger, ratings: RatingLedger, scorecard: Scorecard
) -> ExplainedRating | None:
    """The rating of a day, or ``None`` for a party of which nothing is known."""
    known = await facts.of_party(party)
    if not known:
        return None
    changes = await ratings.changes_of(party)
    return ExplainedRating(rating=rate(party, known, scorecard, on), changes=changes)

"""Rate again what is due: facts fade and fall away, and scorecards are replaced."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime

from credit.ports import RatingLedger
from linkage_runtime.clock import day_of

AT_ONCE = 200
MOST_BATCHES = 100
"""A new scorecard makes everybody due: so many at a time, with events read in between."""

Rate = Callable[[Collection[str], datetime], Awaitable[object]]


async def rerate_due(*, ratings: RatingLedger, rate: Rate, rank: int, at: datetime) -> None:
    """Rate the parties that are due, each batch in one go; what is left is still due later.

    Two workers that do the same at once publish the same event ids, and one of them stores.

    Raises:
        TransientError: Kafka or MongoDB is away; what was not stored is still due.
    """
    for _ in range(MOST_BATCHES):
        if parties := await ratings.due(day_of(at), AT_ONCE):
            await rate(parties, at)
        elif parties := await ratings.ranked_below(rank, AT_ONCE):
            await rate(parties, at)
            await ratings.raise_rank(parties, rank)
        else:
            return

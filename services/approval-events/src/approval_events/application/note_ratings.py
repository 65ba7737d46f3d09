"""Keep what ratings say about commitments, so that the door need not ask another service."""

from collections.abc import Sequence

from approval_events.application.ports import Ratings
from linkage_contracts.ratings import PartyRated, Rating


async def note_ratings(events: Sequence[PartyRated], *, ratings: Ratings) -> None:
    """Keep the newest revision of each party."""
    newest: dict[str, Rating] = {}
    for event in events:
        rating = event.data
        if rating.party not in newest or newest[rating.party].revision < rating.revision:
            newest[rating.party] = rating
    await ratings.note(list(newest.values()))

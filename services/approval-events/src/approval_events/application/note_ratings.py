"""Keep what ratings say about commitments, for when credit cannot be asked at the door."""

from collections.abc import Sequence
from typing import Protocol

from linkage_contracts.ratings import PartyRated


class RatingBook(Protocol):
    """Where the copy is kept."""

    async def note(self, ratings: Sequence[PartyRated]) -> None:
        """Keep those of a later revision than what is there."""


async def note_ratings(events: Sequence[PartyRated], *, ratings: RatingBook) -> None:
    """Keep the newest revision of each party."""
    newest: dict[str, PartyRated] = {}
    for event in events:
        party = event.data.party
        if party not in newest or newest[party].data.revision < event.data.revision:
            newest[party] = event
    await ratings.note(list(newest.values()))

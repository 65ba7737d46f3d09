"""Keep each party's risk class, as credit tells it, so that a push can carry it."""

from collections.abc import Sequence
from typing import Protocol

from linkage_contracts.ratings import Rating


class ClassBook(Protocol):
    """Where the classes are kept."""

    async def keep(self, ratings: Sequence[Rating]) -> None:
        """Store those of a later revision than what is there."""


async def keep_classes(ratings: Sequence[Rating], *, classes: ClassBook) -> None:
    """Keep the latest revision of each party in a batch."""
    latest: dict[str, Rating] = {}
    for rating in ratings:
        known = latest.get(rating.party)
        if known is None or rating.revision > known.revision:
            latest[rating.party] = rating
    await classes.keep(list(latest.values()))

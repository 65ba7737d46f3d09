"""What the use cases around subscriptions need from outside."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from linkage_contracts.codes import Channel
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.subscription import Change, Subscription, SubscriptionState


class Subscriptions(Protocol):
    """All subscriptions and their history; they live nowhere else."""

    async def add(self, subscription: Subscription, change: Change) -> bool:
        """False if it was there already; one that was removed is made anew."""

    async def find(self, subscription_id: str) -> Subscription | None:
        """One of them, unless it was removed."""

    async def of(self, organisation: str) -> list[Subscription]:
        """One organisation's, without what was removed."""

    async def find_all(self, subscription_ids: Sequence[str]) -> list[Subscription]:
        """Several of them."""

    async def delivering(self) -> dict[str, datetime | None]:
        """All that a deliverer has to do with, and when each was last edited."""

    async def edited_since(self, at: datetime) -> list[Subscription]:
        """All that a person made, changed or removed since then."""

    async def save(
        self, before: Subscription, after: Subscription, change: Change | None = None
    ) -> bool:
        """Replace, with a line of history, if nobody else wrote since ``before`` was read."""

    async def history(self, subscription_id: str, organisation: str) -> list[Change]:
        """Who changed what and when, oldest first; also of a removed one."""

    async def ailing(self) -> list[Subscription]:
        """All that are disabled, in trouble, or hold parked entries."""


class FeedSearch(Protocol):
    """Rarer questions to the feed than the next page."""

    async def of_party(
        self, recipient: str, after: Cursor, upto: int, party: str, limit: int
    ) -> list[StoredEntry]:
        """Entries about one party, in order."""

    def outlines(self, recipient: str, after: Cursor, upto: int) -> AsyncIterator[StoredEntry]:
        """Every entry of a stretch in order, without its body."""

    async def oldest(self, recipient: str, after: Cursor) -> StoredEntry | None:
        """The first entry after a position, without its body."""

    async def offset_before(self, recipient: str, beginning: Cursor, at: datetime) -> int | None:
        """The offset before the first entry written at ``at`` or later; ``None``: there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A subscription, as far as it tells who is being told."""

    organisation: str
    state: SubscriptionState
    epoch: str
    offset: int
    channel: Channel
    delivered_at: datetime | None = None


class FeedReaders(Protocol):
    """Who has read how far, over all organisations."""

    async def recipients(self) -> Sequence[str]:
        """Every organisation that was ever told anything."""

    async def pulled(self, epoch: str) -> dict[str, tuple[int, datetime]]:
        """Up to where, and when, each organisation last confirmed what it pulled."""

    async def subscribed(self) -> list[Reader]:
        """Every subscription that was not removed."""

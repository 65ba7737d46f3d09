"""A subscription: a channel that an organisation chose, and how far it was served on it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from linkage_contracts.codes import Channel
from linkage_contracts.ids import stable_id
from supervision_push.domain.cursor import Cursor

FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
LONGEST_OBEYED: Final = timedelta(days=1)
"""A Retry-After beyond this is taken for a mistake."""


class SubscriptionState(StrEnum):
    """Whether anything is sent; a paused subscription keeps its place."""

    ACTIVE = "active"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why the last attempts failed, and when the next is made."""

    failures: int
    since: datetime
    cause: str
    retry_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """``endpoint`` is a webhook's address; ``topic`` a Kafka topic of the organisation's own."""

    id: str
    organisation: str
    channel: Channel
    position: Cursor
    created_at: datetime
    endpoint: str | None = None
    topic: str | None = None
    sealed_secret: bytes | None = None
    state: SubscriptionState = SubscriptionState.ACTIVE
    trouble: Trouble | None = None

    def delivered(self, offset: int) -> Self:
        """The receiver has everything up to ``offset``; earlier trouble is over."""
        return replace(self, position=self.position.at(offset), trouble=None)

    def failed(
        self, at: datetime, cause: str, *, chance: float, retry_after: timedelta | None = None
    ) -> Self:
        """An attempt failed: the same entries again after a pause.

        Args:
            at: when it failed.
            cause: for the organisation and its operators; never personal data.
            chance: 0 to 1, from a random source.
            retry_after: what the receiver asked for.
        """
        failures = self.trouble.failures + 1 if self.trouble else 1
        pause = min(retry_after, LONGEST_OBEYED) if retry_after else pause_after(failures, chance)
        trouble = Trouble(
            failures=failures,
            since=self.trouble.since if self.trouble else at,
            cause=cause,
            retry_at=at + pause,
        )
        return replace(self, trouble=trouble)

    def paused(self, at: datetime, cause: str) -> Self:
        """The receiver said that it is gone: nothing more is sent until it subscribes again."""
        failures = self.trouble.failures + 1 if self.trouble else 1
        since = self.trouble.since if self.trouble else at
        trouble = Trouble(failures=failures, since=since, cause=cause, retry_at=at)
        return replace(self, state=SubscriptionState.PAUSED, trouble=trouble)


def pause_after(failures: int, chance: float) -> timedelta:
    """How long to wait after this many failures in a row: doubled each time, from 1 s to 1 h.

    ``chance`` takes off up to a half, so that endpoints that failed together don't return together.
    """
    # 2^12 s is over an hour; a higher power only risks an overflow after months of failures.
    doubled = FIRST_PAUSE * (1 << min(failures - 1, 12))
    full = min(doubled, LONGEST_PAUSE)
    return max(FIRST_PAUSE, full * (1 - chance / 2))


def subscription_id(organisation: str, channel: Channel, endpoint: str | None) -> str:
    """One organisation's channel to one address: subscribing twice is one subscription."""
    return stable_id("subscription", organisation, channel, endpoint or "")


def feed_topic(organisation: str) -> str:
    """The Kafka topic of an organisation's own."""
    return f"linkage.feed.{organisation}"

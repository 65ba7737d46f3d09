"""A subscription: a channel that an organisation chose, and how far it was served on it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from linkage_contracts.codes import Channel
from linkage_contracts.ids import stable_id
from supervision_push.domain.answer import Cause
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.preferences import Preferences
from supervision_push.domain.trouble import Trouble

FETCHED: Final = frozenset({Channel.PULL, Channel.SSE})
"""Nothing is sent on these channels: the organisation comes for its entries."""


class SubscriptionState(StrEnum):
    """Whether anything is sent; only a removed subscription loses its place."""

    PENDING = "pending"
    """The endpoint has not yet answered a signed test."""
    ACTIVE = "active"
    PAUSED = "paused"
    """By its organisation, or because its endpoint answered 410."""
    DISABLED = "disabled"
    """Failed for too long: a person must look."""
    REMOVED = "removed"
    """Nothing but its history is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """One party's entries, held back from its first that could not be delivered.

    They are not copied: they stand on the feed, from ``first`` to where the subscription stands.
    """

    party: str | None
    """``None`` is an entry about no party: it holds up nothing but itself."""
    first: int
    since: datetime
    cause: Cause
    detail: str
    redeliver: bool = False

    def holds(self, entry: StoredEntry) -> bool:
        """Whether this entry waits with the parked ones."""
        if self.party is None:
            return entry.offset == self.first
        return entry.party == self.party and entry.offset >= self.first

    def holds_party_of(self, entry: StoredEntry) -> bool:
        """Whether it is about the same party."""
        return self.party is not None and entry.party == self.party


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """One of the next ``within`` entries seems to be what the receiver cannot take."""

    within: int
    tries: int = 0
    """How often it failed alone."""
    refused: bool = True
    """By a status that is about content; otherwise only its neighbours can tell."""
    neighbour_passed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A window delivered again: up to ``upto``, then on from ``back_to``."""

    upto: int
    back_to: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """``endpoint`` is a webhook's address; ``topic`` a Kafka topic of its own."""

    id: str
    organisation: str
    channel: Channel
    position: Cursor
    created_at: datetime
    name: str = ""
    endpoint: str | None = None
    topic: str | None = None
    preferences: Preferences = field(default_factory=Preferences)
    sealed_secret: bytes | None = None
    old_secret: bytes | None = None
    """Signs too, until ``old_secret_until``."""
    old_secret_until: datetime | None = None
    state: SubscriptionState = SubscriptionState.ACTIVE
    verified_at: datetime | None = None
    """When the endpoint answered a signed test."""
    edited_at: datetime | None = None
    """When a person last changed it: what deliverers look for."""
    trouble: Trouble | None = None
    pace: float = 1.0
    """Share of the batch size and of the rate that the receiver can take at present."""
    suspicion: Suspicion | None = None
    parked: tuple[Parked, ...] = ()
    replay: Replay | None = None
    delivered_at: datetime | None = None
    processed: bool | None = None
    """Whether the receiver's last answer said that it had worked through the batch."""
    revision: int = 0
    """Counts its writes: what a save compares."""

    @property
    def runs(self) -> bool:
        """Whether it is neither paused, disabled nor removed."""
        return self.state in {SubscriptionState.ACTIVE, SubscriptionState.PENDING}

    @property
    def delivers(self) -> bool:
        """Whether a deliverer has anything to do for it."""
        return self.runs and self.channel not in FETCHED

    @property
    def reached(self) -> int:
        """The offset up to which everything was delivered, left out or parked."""
        return self.replay.back_to if self.replay else self.position.offset

    def passed(self, offset: int) -> Self:
        """Everything up to ``offset`` was delivered or left out; a replay ends where it must."""
        replay = self.replay
        if replay is not None and offset >= replay.upto:
            offset = max(offset, replay.back_to)
            replay = None
        return replace(self, position=self.position.at(offset), replay=replay)

    def fetched(self, confirmed: Cursor, at: datetime) -> Self:
        """Its organisation has, and confirmed, everything up to here."""
        return replace(self, position=confirmed, delivered_at=at)

    def replayed(self, after: int, upto: int) -> Self:
        """The window's entries once more, then on from where it stands now.

        What an unfinished replay had still to deliver is delivered too: from the earlier of the two
        to the later, in one go, because two stretches would tell a party's entries out of order.
        """
        if self.replay is not None:
            after, upto = min(after, self.position.offset), max(upto, self.replay.upto)
        back = Replay(upto=upto, back_to=self.reached)
        position = self.position.at(after)
        return replace(self, position=position, replay=back, suspicion=None)

    def secrets_at(self, at: datetime) -> tuple[bytes, ...]:
        """The sealed secrets that sign at this time, the new one first."""
        both = self.old_secret and self.old_secret_until and at < self.old_secret_until
        old = (self.old_secret,) if both and self.old_secret else ()
        return ((self.sealed_secret,) if self.sealed_secret else ()) + old

    def verified(self, at: datetime) -> Self:
        """The endpoint answered a signed test: what waits may go."""
        active = SubscriptionState.ACTIVE if self.runs else self.state
        return replace(self, state=active, verified_at=at, trouble=None)

    def paused(self) -> Self:
        """Its organisation wants nothing for a while; a disabled one stays what it is."""
        return replace(self, state=SubscriptionState.PAUSED) if self.runs else self

    def resumed(self) -> Self:
        """Go on where it stood; what was never verified is verified first."""
        if self.runs:
            return replace(self, trouble=None)
        known = self.channel is not Channel.WEBHOOK or self.verified_at is not None
        state = SubscriptionState.ACTIVE if known else SubscriptionState.PENDING
        return replace(self, state=state, trouble=None)

    def moved_to(self, endpoint: str) -> Self:
        """Another address, which must answer a test before anything goes there."""
        if endpoint == self.endpoint:
            return self
        state = SubscriptionState.PENDING if self.runs else self.state
        return replace(self, endpoint=endpoint, state=state, verified_at=None, trouble=None)

    def rotated(self, sealed: bytes, old_until: datetime) -> Self:
        """A new secret; the one before it signs beside it for a while."""
        return replace(
            self,
            sealed_secret=sealed,
            old_secret=self.sealed_secret,
            old_secret_until=old_until,
        )

    def removed(self) -> Self:
        """Nothing is sent any more, and no secret is kept."""
        return replace(
            self,
            state=SubscriptionState.REMOVED,
            sealed_secret=None,
            old_secret=None,
            old_secret_until=None,
            parked=(),
        )

    def begun_again(self, beginning: Cursor) -> Self:
        """The feeds were numbered anew: what was delivered is delivered again, not missed."""
        return replace(self, position=beginning, parked=(), suspicion=None, replay=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of a subscription's history."""

    at: datetime
    by: str
    """The id of the key that asked for it, or ``linkage``."""
    what: str
    detail: str = ""


def subscription_id(organisation: str, channel: Channel, name: str) -> str:
    """One organisation's channel under one name: subscribing twice is one subscription.

    A webhook without a name goes by its address, a topic without one by nothing.
    """
    return stable_id("subscription", organisation, channel, name)


def feed_topic(organisation: str, name: str = "") -> str:
    """The Kafka topic of an organisation's own; a named subscription has one to itself."""
    suffix = f".{subscription_id(organisation, Channel.KAFKA, name)[:8]}" if name else ""
    return f"linkage.feed.{organisation}{suffix}"

"""Digests: how much new, overdue and escalated work there is, told to liaisons 联络员.

Counts only: whoever reads a message on a telephone learns nothing about anybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from linkage_contracts.ids import stable_id
from supervision_push.domain.cursor import Cursor

LEASE: Final = timedelta(minutes=2)
"""How long whoever sends a digest has to do so, before another takes over."""
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
MOST_FAILURES: Final = 6
"""About an hour. After it an address that cannot be told holds up no digest that others have."""


class Work(StrEnum):
    """What a digest counts."""

    NEW = "new"
    OVERDUE = "overdue"
    ESCALATED = "escalated"


class Via(StrEnum):
    """How a liaison is told; an operator configures each way."""

    EMAIL = "email"
    HTTP = "http"
    COMMAND = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Liaison:
    """联络员; ``address`` is whatever that way of telling needs: a mailbox, a telephone number."""

    name: str
    via: Via
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What is told at once; sent again it has the same id and says the same."""

    id: str
    upto: int
    """The last offset of the feed that it counts."""
    counts: Mapping[Work, int]
    told: tuple[str, ...] = ()
    """Addresses that have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeReader:
    """An organisation's liaisons as a reader of its feed: how far they were told, and of what."""

    organisation: str
    liaisons: tuple[Liaison, ...]
    position: Cursor
    digest: Digest | None = None
    """On its way."""
    sent_at: datetime | None = None
    failures: int = 0
    cause: str | None = None
    wait_until: datetime | None = None
    """Nobody sends before: another does, or the last attempt failed."""
    revision: int = 0

    def waits(self, at: datetime) -> bool:
        """Whether nothing is to be done now."""
        return self.wait_until is not None and at < self.wait_until

    def begin(
        self, counts: Mapping[Work, int], upto: int, *, at: datetime, every: timedelta
    ) -> Self | None:
        """A digest of what came since the last, if it is time for one.

        Escalated work is told at once, anything else no sooner than ``every`` after the last.
        """
        if not any(counts.values()):
            return None
        too_soon = self.sent_at is not None and at - self.sent_at < every
        if too_soon and not counts.get(Work.ESCALATED):
            return None
        identity = stable_id("digest", self.organisation, self.position.at(upto).encode())
        digest = Digest(id=identity, upto=upto, counts=dict(counts))
        return replace(self, digest=digest)

    def leased(self, at: datetime) -> Self:
        """Taken by one sender; nobody else sends until the lease has run out."""
        return replace(self, wait_until=at + LEASE)

    def told(self, addresses: tuple[str, ...], causes: tuple[str, ...], at: datetime) -> Self:
        """After an attempt: these have the digest; for others it failed for these causes.

        A mailbox that is no more must not keep the others from hearing of what comes later; while
        nobody has a digest it is tried on, for it may be our own mail server that is away.
        """
        if self.digest is None:
            return self
        digest = replace(self.digest, told=self.digest.told + addresses)
        failures = self.failures + 1 if causes else 0
        if not causes or (digest.told and failures > MOST_FAILURES):
            return replace(
                self,
                position=self.position.at(digest.upto),
                digest=None,
                sent_at=at,
                failures=failures,
                cause=causes[0] if causes else None,
                wait_until=None,
            )
        # 2^6 minutes is over an hour; a higher power only risks an overflow.
        pause = min(FIRST_PAUSE * (1 << min(self.failures, 6)), LONGEST_PAUSE)
        return replace(
            self,
            digest=digest,
            failures=failures,
            cause=causes[0],
            wait_until=at + pause,
        )

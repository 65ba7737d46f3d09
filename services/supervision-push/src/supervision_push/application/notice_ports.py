"""What telling liaisons needs from outside."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from supervision_push.domain.cursor import Cursor
from supervision_push.domain.digest import Digest, Liaison, NoticeReader


class Notifier(Protocol):
    """Tells one liaison, in one way."""

    async def notify(self, organisation: str, digest: Digest, liaison: Liaison) -> None:
        """Return once it is handed over; may be called again with the same digest.

        Raises:
            LinkageError: it was not; the message is for operators and names no person.
        """


class NoticeReaders(Protocol):
    """Every organisation that named liaisons; they live nowhere else."""

    async def all(self) -> Sequence[NoticeReader]:
        """All of them: one per organisation."""

    async def find(self, organisation: str) -> NoticeReader | None:
        """One of them."""

    async def name(self, organisation: str, liaisons: Sequence[Liaison], begin: Cursor) -> None:
        """Replace its liaisons; who is new is told of what comes after ``begin``."""

    async def forget(self, organisation: str) -> None:
        """It has no liaisons any more."""

    async def save(self, before: NoticeReader, after: NoticeReader) -> bool:
        """Replace how far it was told; false if somebody else did meanwhile."""


class FeedCounts(Protocol):
    """How many entries of each type a stretch of a feed has."""

    async def counts(self, recipient: str, after: Cursor, upto: int) -> Mapping[str, int]:
        """By type."""

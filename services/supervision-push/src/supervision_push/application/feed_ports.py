"""What the feed use cases need from outside."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from linkage_contracts.codes import Channel
from supervision_push.domain.answer import Outcome
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.entry import PushOutline, StoredEntry
from supervision_push.domain.stretch import Stretch
from supervision_push.domain.subscription import Subscription


class FeedLog(Protocol):
    """Every organisation's entries, by recipient, partition and offset."""

    async def insert(self, entries: Sequence[StoredEntry]) -> frozenset[str]:
        """Store what is new; returns the ids that were known before."""

    async def note_recipients(self, recipients: Iterable[str]) -> None:
        """Remember that these are told something, whether they read it or not."""

    async def raise_watermarks(self, written: Mapping[int, Stretch]) -> None:
        """Let readers see these stretches, by partition; a watermark never falls."""

    async def between(
        self, recipient: str, after: Cursor, upto: int, limit: int
    ) -> list[StoredEntry]:
        """At most ``limit`` entries, and few enough bytes to hold, in order."""

    async def pushes_between(self, recipient: str, after: Cursor, upto: int) -> list[PushOutline]:
        """The pushes opened by the entries after a position."""


class Watermarks(Protocol):
    """Up to where each partition is complete."""

    async def epoch(self) -> str:
        """The numbering that holds; a cursor of another one is void."""

    async def of(self, partition: int) -> int:
        """The last offset that readers may see."""

    async def beyond(
        self, partition: int, offset: int, within: float | None, recipient: str | None = None
    ) -> int:
        """Wait up to ``within`` seconds for it to pass ``offset``; returns it as it then is.

        Args:
            partition: whose watermark.
            offset: how far the reader has come.
            within: seconds; ``None`` waits however long it takes.
            recipient: the reader; what is only told to others then ends no wait.
        """


class PullPositions(Protocol):
    """Up to where each organisation confirmed what it pulled."""

    async def confirmed(self, organisation: str, beginning: Cursor) -> Cursor:
        """The position, or the beginning."""

    async def confirm(self, organisation: str, position: Cursor) -> None:
        """Remember a later position; an earlier one changes nothing."""


class RecordDeliveries(Protocol):
    """The push half's use case: pushes left our hands on a channel. May be repeated."""

    async def __call__(
        self, organisation: str, pushes: Sequence[PushOutline], channel: Channel, at: datetime
    ) -> None:
        """Durable on return."""


class SignReceipts(Protocol):
    """The push half's use case: the organisation signs (签收) for its pushes. May be repeated."""

    async def __call__(self, organisation: str, push_ids: Sequence[str], by: str) -> None:
        """Durable on return; pushes that are not this organisation's are refused one by one."""


class Sender(Protocol):
    """Hands a batch over on one channel. Trouble of the receiver's is an outcome, not an error."""

    async def send(self, subscription: Subscription, entries: Sequence[StoredEntry]) -> Outcome:
        """One attempt, bounded in time."""

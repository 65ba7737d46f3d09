"""Where a reader stands in one organisation's feed, as an opaque text that it hands back."""

import base64
import binascii
from dataclasses import dataclass, replace
from typing import Final, Self

from linkage_runtime.errors import PermanentError

BEFORE_FIRST: Final = -1
"""The offset before Kafka's first, 0: nothing was read yet."""

_PARTS = 3


class BadCursorError(PermanentError):
    """The text is no cursor of this feed."""


class OtherEpochError(PermanentError):
    """The cursor was given before the feeds were numbered anew: the reader must begin again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """A position: everything up to and including ``offset`` is behind the reader.

    Within an epoch the number of partitions never changes, so an organisation's partition does not.
    """

    epoch: str
    partition: int
    offset: int = BEFORE_FIRST

    def encode(self) -> str:
        """The opaque text: URL-safe base64 without padding."""
        plain = f"{self.epoch}.{self.partition}.{self.offset}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Self:
        """Read what ``encode`` wrote.

        Raises:
            BadCursorError: it was not written by ``encode``.
        """
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            plain = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
            parts = plain.split(".")
            if len(parts) != _PARTS:
                raise BadCursorError(_NOT_A_CURSOR)
            cursor = cls(epoch=parts[0], partition=int(parts[1]), offset=int(parts[2]))
        except (UnicodeError, binascii.Error, ValueError) as error:
            raise BadCursorError(_NOT_A_CURSOR) from error
        # int() also reads " 1", "+1" and "1_0"; only one text stands for one position.
        if cursor.encode() != text or cursor.partition < 0 or cursor.offset < BEFORE_FIRST:
            raise BadCursorError(_NOT_A_CURSOR)
        return cursor

    def at(self, offset: int) -> Self:
        """The same feed, read up to ``offset``."""
        return replace(self, offset=offset)

    def of_feed(self, epoch: str, partition: int) -> Self:
        """This cursor, which must be one of the feed in this partition.

        Raises:
            OtherEpochError: it was given in another epoch.
            BadCursorError: it belongs to another organisation's feed.
        """
        if self.epoch != epoch:
            raise OtherEpochError("游标已失效,请从头读取 (this cursor is of an earlier numbering)")
        if self.partition != partition:
            raise BadCursorError("游标不属于本信息流 (this cursor is of another feed)")
        return self


_NOT_A_CURSOR = (
    "游标无法识别,请原样使用 Linkage-Cursor 头的值 "
    "(not a cursor: use Linkage-Cursor as it was given)"
)

"""What comes of one request to a receiver, and whose fault it is if nothing does."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Side(StrEnum):
    """Where a fault must be mended."""

    RECEIVER = "receiver"
    PLATFORM = "platform"


class Cause(StrEnum):
    """Why a request failed."""

    REFUSED = "refused"
    """400, 413, 422: the content itself is not wanted."""
    BUSY = "busy"
    """429, 502, 503, 504: later, or slower."""
    STATUS = "status"
    """Any other status that is no success, redirects among them."""
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    FORBIDDEN_ADDRESS = "forbidden_address"
    """The endpoint's name has no address, or none that anything may be sent to."""
    GONE = "gone"
    """410: nothing more is wanted."""
    SECRET = "secret"  # noqa: S105 -- the name of a cause
    """Our own sealed secret does not open: the master key was changed."""
    BROKER = "broker"
    """Our own Kafka is away."""

    @property
    def side(self) -> Side:
        """Whose fault it is."""
        ours = self in {Cause.SECRET, Cause.BROKER}
        return Side.PLATFORM if ours else Side.RECEIVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The receiver has the batch, and may have signed for pushes in the same breath."""

    received: tuple[str, ...] = ()
    by: str | None = None
    processed: bool = True
    """False after a 202: taken in, and not yet worked through (CloudEvents' HTTP binding)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The receiver does not have the batch, as far as we know."""

    cause: Cause
    detail: str = ""
    """For the organisation and its operators; never personal data."""
    retry_after: timedelta | None = None
    slower: bool = False
    """The receiver, or what stands before it, was given more than it can take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The receiver wants nothing more (HTTP 410)."""


Outcome = Accepted | Failed | Gone

"""What a webhook's receiver may tell us in its answer."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, ValidationError, field_validator

from linkage_contracts.identity import is_resident_id
from supervision_push.domain.answer import Accepted, Cause, Failed, Gone, Outcome

_SUCCESS = range(200, 300)
_OBEYED = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_TOO_FAST = frozenset(
    {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT}
)
_ABOUT_CONTENT = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)


class Receipts(BaseModel):
    """A body by which the receiver signs (签收) for pushes in the same breath."""

    received: Annotated[
        tuple[Annotated[str, StringConstraints(max_length=64)], ...], Field(max_length=1000)
    ] = ()
    by: Annotated[str, StringConstraints(max_length=100)] | None = None

    @field_validator("by")
    @classmethod
    def _no_id_number(cls, clerk: str | None) -> str | None:
        # What it signs for counts all the same: then it was the channel that signed.
        return None if clerk and is_resident_id(clerk.strip().upper()) else clerk


def outcome_of(status: int, headers: Mapping[str, str], body: bytes, at: datetime) -> Outcome:
    """What an answer means; a redirect is a failure like any other status that is no success."""
    if status in _SUCCESS:
        receipts = _receipts_in(body)
        processed = status != HTTPStatus.ACCEPTED
        return Accepted(received=receipts.received, by=receipts.by, processed=processed)
    if status == HTTPStatus.GONE:
        return Gone()
    asked = headers.get("retry-after", "") if status in _OBEYED else ""
    return Failed(
        cause=_cause(status),
        detail=f"HTTP {status}",
        retry_after=retry_after(asked, at),
        slower=status in _TOO_FAST,
    )


def retry_after(value: str, at: datetime) -> timedelta | None:
    """A Retry-After header, in seconds or as a date (RFC 9110 §10.2.3); ``None`` if neither."""
    if value.isascii() and value.isdigit():
        # Longer numbers would overflow; what is obeyed is bounded far below.
        return timedelta(seconds=int(value[:9]))
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # the latter of a year or a zone beyond all reckoning
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(timedelta(0), aware - at)


def _cause(status: int) -> Cause:
    if status in _ABOUT_CONTENT:
        return Cause.REFUSED
    return Cause.BUSY if status in _OBEYED | _TOO_FAST else Cause.STATUS


def _receipts_in(body: bytes) -> Receipts:
    try:
        return Receipts.model_validate_json(body)
    except ValidationError:
        # Most receivers answer "ok" or nothing; that is a delivery without receipts.
        return Receipts()

"""What an answer to a webhook means."""

from datetime import timedelta

import pytest

from supervision_push.adapters.subscriptions.webhook_answers import outcome_of, retry_after
from supervision_push.domain.answer import Accepted, Cause, Failed
from tests.unit.feed_fakes import NOON


def test_retry_after_may_be_a_date() -> None:
    assert retry_after("Mon, 23 Nov 2026 04:00:30 GMT", NOON) == timedelta(seconds=30)
    assert retry_after("Mon, 23 Nov 2020 04:00:30 GMT", NOON) == timedelta(0)
    assert retry_after("soon", NOON) is None
    assert retry_after("9" * 400, NOON) is not None


@pytest.mark.parametrize(
    "asked",
    [
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 23 Nov 2026 04:00:30 +99999999999999999",
    ],
)
def test_a_retry_after_beyond_all_reckoning_is_none(asked: str) -> None:
    failed = outcome_of(503, {"retry-after": asked}, b"", NOON)
    assert isinstance(failed, Failed)
    assert failed.retry_after is None


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_moves_the_cursor_and_202_has_not_been_processed(status: int) -> None:
    answer = outcome_of(status, {}, b"", NOON)
    assert answer == Accepted(processed=status != 202)


def test_an_id_number_signs_for_nothing_in_clear() -> None:
    body = b'{"received": ["a"], "by": " 11010519491231002x"}'
    assert outcome_of(200, {}, body, NOON) == Accepted(received=("a",))


@pytest.mark.parametrize(
    ("status", "cause", "slower"),
    [
        (400, Cause.REFUSED, False),
        (413, Cause.REFUSED, False),
        (422, Cause.REFUSED, False),
        (429, Cause.BUSY, True),
        (502, Cause.BUSY, True),
        (503, Cause.BUSY, False),
        (504, Cause.BUSY, True),
        (302, Cause.STATUS, False),
        (401, Cause.STATUS, False),
        (500, Cause.STATUS, False),
    ],
)
def test_a_failure_says_whether_content_pace_or_neither_is_at_fault(
    status: int,
    cause: Cause,
    slower: bool,  # noqa: FBT001 -- what is expected
) -> None:
    failed = outcome_of(status, {}, b"", NOON)
    assert isinstance(failed, Failed)
    assert (failed.cause, failed.slower) == (cause, slower)

"""What an answer to a webhook means."""

from datetime import UTC, datetime, timedelta

import pytest

from supervision_push.adapters.webhook_answers import outcome_of, retry_after
from supervision_push.application.feed_ports import Accepted
from tests.unit.feed_fakes import NOON


def test_retry_after_may_be_a_date() -> None:
    assert retry_after("Mon, 23 Nov 2026 04:00:30 GMT", NOON) == timedelta(seconds=30)
    assert retry_after("Mon, 23 Nov 2020 04:00:30 GMT", NOON) == timedelta(0)
    assert retry_after("soon", NOON) is None
    assert retry_after("9" * 400, NOON) is not None


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_moves_the_cursor(status: int) -> None:
    assert outcome_of(status, {}, b"", datetime.now(tz=UTC)) == Accepted()

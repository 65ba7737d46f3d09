"""Cursors: opaque, exact, and void in another epoch."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_contracts.topics import FEEDS
from supervision_push.adapters.feeds.feed_partition import partition_of
from supervision_push.domain.cursor import BEFORE_FIRST, BadCursorError, Cursor, OtherEpochError

cursors = st.builds(
    Cursor,
    epoch=st.text("0123456789abcdef", min_size=1, max_size=12),
    partition=st.integers(0, 10_000),
    offset=st.integers(BEFORE_FIRST, 2**63),
)


@given(cursors)
def test_a_cursor_reads_back_as_it_was_written(cursor: Cursor) -> None:
    assert Cursor.decode(cursor.encode()) == cursor


@given(cursors)
def test_a_cursor_can_stand_in_an_address_without_escaping(cursor: Cursor) -> None:
    assert set(cursor.encode()) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    )


@given(st.text(max_size=60))
def test_any_other_text_is_refused_or_is_exactly_what_we_would_have_written(text: str) -> None:
    try:
        cursor = Cursor.decode(text)
    except BadCursorError:
        return
    assert cursor.encode() == text


@pytest.mark.parametrize(
    "plain", ["e.1", "e.1.2.3", "e.x.2", "e.1.-2", "e.-1.2", "e. 1.2", "e.+1.2"]
)
def test_a_forged_cursor_is_refused(plain: str) -> None:
    forged = base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")
    with pytest.raises(BadCursorError):
        Cursor.decode(forged)


def test_a_cursor_of_an_earlier_numbering_is_void() -> None:
    with pytest.raises(OtherEpochError):
        Cursor(epoch="old", partition=1, offset=7).of_feed("new", 1)


def test_a_cursor_of_another_partition_is_of_another_feed() -> None:
    with pytest.raises(BadCursorError):
        Cursor(epoch="e", partition=2, offset=7).of_feed("e", 1)


@pytest.mark.parametrize(
    ("key", "partition"),
    # Computed with org.apache.kafka.common.utils.Utils.murmur2, as published in Kafka's own tests.
    [("21", -973932308), ("foobar", -790332482), ("a-little-bit-long-string", -985981536)],
)
def test_the_partition_is_the_one_that_kafka_itself_would_choose(key: str, partition: int) -> None:
    assert partition_of(key, 8) == (partition & 0x7FFFFFFF) % 8


def test_feeds_are_keyed_by_the_organisation_that_reads_them() -> None:
    assert FEEDS.key == "recipient"

"""Whom a watermark names: never too few, whatever was written in which pieces."""

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from supervision_push.domain.stretch import MOST_NAMED, Watermark, stretches
from tests.unit.feed_fakes import an_entry

if TYPE_CHECKING:
    from supervision_push.domain.entry import StoredEntry


def test_a_stretch_is_as_long_as_what_was_written_of_its_partition() -> None:
    entries = [an_entry(7), an_entry(3, recipient="b"), an_entry(5, partition=2)]
    written = stretches(entries)
    assert {key: (one.first, one.last) for key, one in written.items()} == {0: (3, 7), 2: (5, 5)}
    assert written[0].recipients == frozenset({entries[0].recipient, "b"})


def test_very_many_recipients_are_everybody() -> None:
    many = [an_entry(number, recipient=str(number)) for number in range(MOST_NAMED + 1)]
    assert stretches(many[:-1])[0].recipients == frozenset(map(str, range(MOST_NAMED)))
    assert stretches(many)[0].recipients is None


@given(
    st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), max_size=8),
    st.integers(0, 8),
    st.integers(-1, 32),
)
def test_nobody_who_was_told_something_is_left_out(
    batches: list[list[str]], kept: int, after: int
) -> None:
    entries: list[StoredEntry] = []
    recent = []
    for batch in batches:
        start = len(entries)
        written = [an_entry(start + n, recipient=one) for n, one in enumerate(batch)]
        entries += written
        recent.append(stretches(written)[0])
    mark = Watermark(offset=len(entries) - 1, recent=tuple(recent[max(0, len(recent) - kept) :]))
    told = mark.told_since(after)
    new = {entry.recipient for entry in entries if entry.offset > after}
    assert told is None or new <= told
    if kept >= len(recent):
        assert told is not None

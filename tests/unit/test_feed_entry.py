"""Batches of entries: bytes joined as they are, bounded, and never empty when something waits."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from supervision_push.domain.entry import batch_body, fitting, opened_by
from tests.unit.feed_fakes import an_entry


def test_a_batch_is_the_entries_own_bytes() -> None:
    entries = [an_entry(0), replace(an_entry(1), body='{"id":"二", "spaced" : 1}'.encode())]
    assert entries[1].body in batch_body(entries)
    assert [one["id"] for one in json.loads(batch_body(entries))] == [entries[0].id, "二"]
    assert batch_body([]) == b"[]"


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(1, 100))
def test_as_many_of_the_first_as_fit_and_one_at_least(sizes: list[int], room: int) -> None:
    entries = [replace(an_entry(o), body=b"x" * size) for o, size in enumerate(sizes)]
    taken = fitting(entries, room)
    assert taken == entries[: len(taken)]
    total = sum(sizes[: len(taken)])
    assert len(taken) == 1 or total <= room
    assert len(taken) == len(entries) or total + sizes[len(taken)] > room


def test_nothing_fits_into_a_batch_of_nothing() -> None:
    assert fitting([]) == []


def test_only_entries_that_open_pushes_have_pushes() -> None:
    told = replace(an_entry(1), push=None)
    assert opened_by([an_entry(0), told]) == [an_entry(0).push]

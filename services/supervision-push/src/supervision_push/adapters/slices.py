"""Ids in slices for ``$in``."""

from collections.abc import Iterable, Iterator
from itertools import islice

SLICE = 100
"""The embedded database compares each document with every id asked for: 1,000 at once were measured
to cost 1.7 ms a document, 100 at once 0.3 ms. MongoDB does not mind."""


def slices(ids: Iterable[str]) -> Iterator[list[str]]:
    """Every id once, ``SLICE`` at a time."""
    left = iter(dict.fromkeys(ids))
    while part := list(islice(left, SLICE)):
        yield part

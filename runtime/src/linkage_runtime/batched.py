"""Many in batches, as ``itertools.batched`` of Python 3.12 has it."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

_Value = TypeVar("_Value")


def batched(values: Iterable[_Value], size: int) -> Iterator[list[_Value]]:
    """All values in their order, ``size`` at a time; the last batch may be shorter."""
    left = iter(values)
    while some := list(islice(left, size)):
        yield some

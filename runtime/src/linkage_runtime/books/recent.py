"""What was counted in the last hours, as eight bytes each: a repeat of an event counts once.

Events are repeated when a process dies between telling and marking, or loses its partition; that
is minutes ago, not months. What is repeated later than ``KEPT`` is checked again, which harms
nothing, and counted again, which the whole audit (``--from-beginning``) does not.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import blake2b
from heapq import merge

KEPT = timedelta(hours=24)


class Recent:
    """Sorted arrays by hour: 26 MB for a day of 100 million decisions a year."""

    def __init__(self) -> None:
        self._by_hour: dict[datetime, array[int]] = {}

    def __contains__(self, token: str) -> bool:
        """Whether it was counted."""
        wanted = _short(token)
        for known in self._by_hour.values():
            place = bisect_left(known, wanted)
            if place < len(known) and known[place] == wanted:
                return True
        return False

    def __len__(self) -> int:
        return sum(map(len, self._by_hour.values()))

    def add(self, at: datetime, seen: bytes) -> None:
        """Take in what one page counted, and forget what is too old."""
        hour = at.replace(minute=0, second=0, microsecond=0)
        known = self._by_hour.get(hour, array("Q"))
        self._by_hour[hour] = array("Q", merge(known, sorted(array("Q", seen))))
        for old in [one for one in self._by_hour if one < hour - KEPT]:
            del self._by_hour[old]


def packed(tokens: Iterable[str]) -> bytes:
    """Tokens as a page keeps them."""
    return array("Q", [_short(token) for token in tokens]).tobytes()


def _short(token: str) -> int:
    return int.from_bytes(blake2b(token.encode(), digest_size=8).digest())

"""Stretches of a partition that were written at once, and to whom they tell anything.

Partitions are shared. So that thousands of readers who wait need not each ask the database whenever
somebody else is told something, the watermark names the recipients of what was written last.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from supervision_push.domain.cursor import BEFORE_FIRST
from supervision_push.domain.entry import StoredEntry

MOST_NAMED: Final = 50
"""Recipients of one stretch: beyond them it costs less to let everybody look."""

Recipients = frozenset[str] | None
"""``None``: anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Offsets ``first`` to ``last``, both included."""

    first: int
    last: int
    recipients: Recipients


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """The last offset that readers may see, and the stretches that were written last."""

    offset: int = BEFORE_FIRST
    recent: tuple[Stretch, ...] = ()

    def told_since(self, offset: int) -> Recipients:
        """Who may find something after ``offset``."""
        told: frozenset[str] = frozenset()
        for stretch in sorted(self.recent, key=lambda one: one.first):
            if stretch.last <= offset:
                continue
            if stretch.first > offset + 1 or stretch.recipients is None:
                return None
            told, offset = told | stretch.recipients, stretch.last
        return told if self.offset <= offset else None


def stretches(entries: Iterable[StoredEntry]) -> dict[int, Stretch]:
    """What was written at once, by partition."""
    of_partition: dict[int, list[StoredEntry]] = defaultdict(list)
    for entry in entries:
        of_partition[entry.partition].append(entry)
    return {partition: _stretch(written) for partition, written in of_partition.items()}


def _stretch(written: list[StoredEntry]) -> Stretch:
    recipients = frozenset(entry.recipient for entry in written)
    return Stretch(
        first=min(entry.offset for entry in written),
        last=max(entry.offset for entry in written),
        recipients=recipients if len(recipients) <= MOST_NAMED else None,
    )

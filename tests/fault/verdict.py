"""What a count looks at, and what it comes to."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from tests.fault.book import Book
from tests.fault.stores import Stores
from tests.log import Log

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is looked at."""

    book: Book
    log: Log
    stores: Stores
    arrived: Sequence[str]
    """Ids of the entries at the regulator's webhook, in the order of their first arrival."""


@dataclass(slots=True)
class Verdict:
    """What was counted by stage, and everything that is wrong."""

    counts: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)
    """Answers that no fault excuses."""

    @property
    def for_good(self) -> bool:
        """Whether waiting mends nothing."""
        return bool(self.doubled or self.disordered or self.surprises)

    @property
    def wrong(self) -> list[str]:
        """Everything that is, one line each."""
        kinds = ("surprises", "doubled", "disordered", "lost", "unexpected")
        return [f"{kind}: {line}" for kind in kinds for line in getattr(self, kind)]

    def compare(self, stage: str, wanted: Collection[Key], found: Iterable[Key]) -> None:
        """Each wanted thing once, and no other."""
        times = Counter(found)
        self.counts[stage] = len(wanted)
        self.lost += [f"{stage} {'/'.join(key)}" for key in set(wanted) - times.keys()]
        self.unexpected += [f"{stage} {'/'.join(key)}" for key in times.keys() - set(wanted)]
        self.doubled += [f"{stage} {'/'.join(key)} ×{n}" for key, n in times.items() if n > 1]

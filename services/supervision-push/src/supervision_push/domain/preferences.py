"""What a subscriber chose: which entries, how many at once, how fast."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from linkage_contracts.codes import RiskClass
from linkage_contracts.identity import regions_upward
from supervision_push.domain.entry import StoredEntry

BATCH_ENTRIES: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which entries are wanted; an empty list lets everything through.

    What an entry does not tell cannot leave it out: a recall names no items and no region, and
    reaches every subscription that may have had the push.
    """

    items: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    """GB/T 2260; a city's code takes in its counties."""
    types: frozenset[str] = frozenset()
    risk_classes: frozenset[RiskClass] = frozenset()

    def lets(self, entry: StoredEntry) -> bool:
        """Whether the entry is wanted."""
        return (
            (not self.types or entry.type in self.types)
            and (not self.items or not entry.items or not self.items.isdisjoint(entry.items))
            and (not self.regions or entry.region is None or self._covers(entry.region))
            and (not self.risk_classes or entry.risk is None or entry.risk in self.risk_classes)
        )

    def _covers(self, region: str) -> bool:
        return not self.regions.isdisjoint(regions_upward(region))


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """The defaults send what waits as soon as the previous request has returned."""

    filter: Filter = Filter()
    batch_size: int = BATCH_ENTRIES
    delay: timedelta = timedelta(0)
    """How long a batch that is not full waits for more."""
    rate: float | None = None
    """Requests per second, at most."""

"""Regions (行政区划) and item groups (事项大类) as labels: whom and what the catalogue names.

What no catalogue names is ``other``, so nothing that is sent can make a label; of what one names,
the first ``MOST_REGIONS`` and ``MOST_GROUPS`` are told by name, and the rest together.
"""

from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Final

from prometheus_client import Histogram

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.identity import regions_upward
from linkage_runtime.metrics import DAY_SECONDS, OTHER, Bounded, observe_act

MOST_REGIONS: Final = 150
"""A province's prefectures and counties, the largest has some 200."""
MOST_GROUPS: Final = 50

# Where a person acts days count, and a bound costs a series for each region.
_DAYS: Final = tuple(DAY_SECONDS * days for days in (1, 4, 14, 62))
BY_REGION = Histogram(
    "linkage_act_gap_by_region_seconds",
    "Time between two steps of a loop, by the region of the authority that takes the second.",
    ["gap", "region"],
    buckets=_DAYS,
)
BY_GROUP = Histogram(
    "linkage_act_gap_by_group_seconds",
    "Time between two steps of a loop, by the groups of the items that it is about.",
    ["gap", "item_group"],
    buckets=_DAYS,
)


class Places:
    """What regions and item groups are called in the labels of one process."""

    def __init__(self, regions: int = MOST_REGIONS, groups: int = MOST_GROUPS) -> None:
        self._region, self._group = Bounded(regions), Bounded(groups)
        self._regions: dict[str, str] = {}
        self._authorities: Mapping[str, str] = {}
        self._groups: dict[str, str] = {}

    def learn(self, catalogue: Catalogue) -> None:
        """From now on these are known."""
        # In an order of their own, so that all processes have the same ones by name.
        for code in sorted({one.region for one in catalogue.authorities}):
            self._regions[code] = self._region(code)
        self._authorities = {one.id: self._regions[one.region] for one in catalogue.authorities}
        for item in sorted(catalogue.items, key=lambda item: item.group):
            self._groups[item.code] = self._group(item.group)

    @property
    def regions(self) -> frozenset[str]:
        """Every label that a region may have."""
        return frozenset({*self._regions.values(), OTHER})

    @property
    def groups(self) -> frozenset[str]:
        """Every label that an item may have."""
        return frozenset({*self._groups.values(), OTHER})

    def region(self, code: str) -> str:
        """Of a code as it was sent: the nearest region upwards that has an authority."""
        known = (self._regions[one] for one in regions_upward(code) if one in self._regions)
        return next(known, OTHER)

    def region_of(self, authority: str) -> str:
        """That an authority works for."""
        return self._authorities.get(authority, OTHER)

    def groups_of(self, items: Iterable[str]) -> frozenset[str]:
        """Of items: each group once."""
        return frozenset(self._groups.get(item, OTHER) for item in items) or _NONE


_NONE: Final = frozenset({OTHER})
PLACES: Final = Places()
"""Of this process."""


def declare_act_places(gaps: Iterable[str], *, of_items: Container[str]) -> None:
    """Create the histograms of these gaps at 0, for all that is known.

    Args:
        gaps: told by region.
        of_items: those of them that are told by item group as well.
    """
    for gap in gaps:
        for region in PLACES.regions:
            _by_region(gap, region)
        for group in PLACES.groups if gap in of_items else ():
            _by_group(gap, group)


def observe_act_at(
    gap: str, start: datetime, end: datetime, *, authority: str, items: Iterable[str] | None
) -> None:
    """Record a gap that people make, and where; ``None``: of what items is not known."""
    observe_act(gap, start, end)
    seconds = max(0.0, (end - start).total_seconds())
    _by_region(gap, PLACES.region_of(authority)).observe(seconds)
    if items is not None:
        for group in PLACES.groups_of(items):
            _by_group(gap, group).observe(seconds)


@cache
def _by_region(gap: str, region: str) -> Histogram:
    return BY_REGION.labels(gap, region)


@cache
def _by_group(gap: str, group: str) -> Histogram:
    return BY_GROUP.labels(gap, group)

"""What the timekeeper counts for all: what is open, for how long, and how far the calendar goes."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import product

from prometheus_client import Gauge

from linkage_contracts.catalogue import Authority
from linkage_contracts.codes import AuthorityKind
from linkage_runtime.places import PLACES
from supervision_push.adapters.deadlines.clock_metrics import CLOCKS_OF, clocks_owed, label_of
from supervision_push.adapters.deadlines.open_clocks import OpenClocks, Standing

OPEN = Gauge(
    "linkage_clocks_open",
    "Duties not done yet, by who owes them and how their deadline stands.",
    ["authority", "clock", "standing"],
)
OPEN_BY_REGION = Gauge(
    "linkage_clocks_open_by_region",
    "Duties not done yet, by the region of who owes them.",
    ["region", "clock", "standing"],
)
OPEN_BY_GROUP = Gauge(
    "linkage_clocks_open_by_group",
    "Duties of supervising authorities not done yet, by the group of the push's first item.",
    ["item_group", "clock", "standing"],
)
OLDEST = Gauge(
    "linkage_clocks_oldest_age_seconds",
    "Age of the oldest duty not done yet, by who owes it; 0 if there is none.",
    ["authority", "clock"],
)
AUTHORITY = Gauge(
    "linkage_authority_info",
    "What an authority is called, and the region that it works for.",
    ["authority", "name", "region", "kind"],
)
WAITING = Gauge("linkage_pool_waiting", "Pool entries that nobody has claimed.")
UNANSWERED = Gauge(
    "linkage_escalations_unanswered", "Escalations that who owes has not answered yet."
)
PROVISIONAL = Gauge(
    "linkage_deadlines_provisional",
    "Pushes, results and supplements with an open deadline reckoned without its year's notice.",
)
KEY_EXPIRY = Gauge(
    "linkage_api_key_expiry_timestamp_seconds",
    "When the first API key expires, or did, and was not withdrawn; infinite: none does.",
)
KEY_EXPIRY.set(math.inf)
HORIZON = Gauge(
    "linkage_calendar_horizon_seconds",
    "Time from today to the end of what the loaded holiday notices know.",
)


def show_authorities(authorities: Iterable[Authority]) -> None:
    """Tell the authorities' names; a name that was changed is not told beside the new one."""
    AUTHORITY.clear()
    for one in authorities:
        if label_of(one.id) == one.id:
            AUTHORITY.labels(one.id, one.name, one.region, one.kind).set(1)


def show_open(authorities: Iterable[Authority], found: Sequence[OpenClocks], at: datetime) -> None:
    """Set all gauges, to 0 where nothing is open."""
    counts = dict.fromkeys(
        ((*owed, standing) for owed in clocks_owed(authorities) for standing in Standing), 0
    )
    ages = dict.fromkeys((labels[:2] for labels in counts), 0.0)
    for one in found:
        owed = label_of(one.authority), one.clock
        ages[owed] = max(ages.get(owed, 0.0), (at - one.since).total_seconds())
        for standing, number in one.counts.items():
            counts[*owed, standing] = counts.get((*owed, standing), 0) + number
    for labels, number in counts.items():
        OPEN.labels(*labels).set(number)
    _show_places(found)
    for owed, age in ages.items():
        OLDEST.labels(*owed).set(age)


def _show_places(found: Sequence[OpenClocks]) -> None:
    clocks = {clock for some in CLOCKS_OF.values() for clock in some}
    of_supervision = CLOCKS_OF[AuthorityKind.SUPERVISING]
    regions = dict.fromkeys(product(PLACES.regions, clocks, Standing), 0)
    groups = dict.fromkeys(product(PLACES.groups, of_supervision, Standing), 0)
    for one in found:
        region = PLACES.region_of(one.authority)
        for standing, number in one.counts.items():
            place = region, one.clock, standing
            regions[place] = regions.get(place, 0) + number
            if one.item is not None and one.clock in of_supervision:
                (group,) = PLACES.groups_of((one.item,))
                groups[group, one.clock, standing] += number
    for labels, number in regions.items():
        OPEN_BY_REGION.labels(*labels).set(number)
    for labels, number in groups.items():
        OPEN_BY_GROUP.labels(*labels).set(number)

"""What is counted about feeds and their delivery."""

from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import Counter, Gauge

from linkage_contracts.feeds import FeedEntry, PushOpenedEntry
from linkage_contracts.topics import FEEDS
from linkage_runtime.clock import now
from linkage_runtime.metrics import declare_gaps, observe_gap
from supervision_push.application.announcements import type_of

ENTRIES = Counter("linkage_feed_entries_total", "Entries written to feeds, each once.", ["type"])
STREAMS = Gauge("linkage_feed_streams", "Event streams that are open on this process.")
STREAMS_REFUSED = Counter(
    "linkage_feed_streams_refused_total", "Event streams refused: the organisation has too many."
)
NOTICES = Counter("linkage_notices_total", "Digests to liaisons, by how it ended.", ["outcome"])
NOTICES_FAILING = Gauge(
    "linkage_notices_failing", "Organisations whose liaisons could not be told at the last attempt."
)
RESULT_CONFLICTS = Counter(
    "linkage_result_conflicts_total",
    "Results that came under a known id with another content, and were kept aside.",
)

ACCEPTED_TO_FEED = "accepted_to_feed"
"""From the API's acceptance of a decision to its entry on the supervisor's feed."""


def declare_feed_metrics() -> None:
    """Create every label set at 0."""
    for entry in FEEDS.event_types:
        ENTRIES.labels(type_of(entry))
    declare_gaps(ACCEPTED_TO_FEED)


def count_entries(entries: Iterable[FeedEntry], known: frozenset[str]) -> None:
    """Count each entry the first time that it is written."""
    at = now()
    new = {entry.id: entry for entry in entries if entry.id not in known}.values()
    for type_, number in Tally(entry.type for entry in new).items():
        ENTRIES.labels(type_).inc(number)
    for entry in new:
        if isinstance(entry, PushOpenedEntry):
            observe_gap(ACCEPTED_TO_FEED, entry.data.decision.accepted_at, at)

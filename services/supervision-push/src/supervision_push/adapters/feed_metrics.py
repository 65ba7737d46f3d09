"""What is counted about feeds and their delivery."""

from collections.abc import Iterable, Sequence

from prometheus_client import Counter, Gauge

from linkage_contracts.codes import Channel
from linkage_contracts.feeds import FeedEntry, PushOpenedEntry
from linkage_contracts.topics import FEEDS
from linkage_runtime.clock import now
from linkage_runtime.metrics import declare_gaps, observe_gap
from supervision_push.application.announcements import type_of
from supervision_push.application.feed_ports import Accepted, Outcome, Sender
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.subscription import Subscription

ENTRIES = Counter("linkage_feed_entries_total", "Entries written to feeds, each once.", ["type"])
DELIVERIES = Counter(
    "linkage_feed_deliveries_total",
    "Attempts to hand entries over, by how they ended.",
    ["channel", "outcome"],
)
DELIVERED = Counter(
    "linkage_feed_delivered_entries_total", "Entries handed over and accepted.", ["channel"]
)
WEBHOOK_FAILURES = Counter(
    "linkage_webhook_failures_total", "Webhook attempts that failed, by cause.", ["cause"]
)
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

OUTCOMES = ("accepted", "failed", "gone")
CAUSES = ("status", "timeout", "connection", "forbidden_address", "secret")


def declare_feed_metrics() -> None:
    """Create every label set at 0."""
    for entry in FEEDS.event_types:
        ENTRIES.labels(type_of(entry))
    for channel in Channel:
        DELIVERED.labels(channel)
        for outcome in OUTCOMES:
            DELIVERIES.labels(channel, outcome)
    for cause in CAUSES:
        WEBHOOK_FAILURES.labels(cause)
    declare_gaps(ACCEPTED_TO_FEED)


def count_entries(entries: Iterable[FeedEntry], known: frozenset[str]) -> None:
    """Count each entry the first time that it is written."""
    at, counted = now(), set(known)
    for entry in entries:
        if entry.id in counted:
            continue
        counted.add(entry.id)
        ENTRIES.labels(entry.type).inc()
        if isinstance(entry, PushOpenedEntry):
            observe_gap(ACCEPTED_TO_FEED, entry.data.decision.accepted_at, at)


class CountedSender:
    """Counts what another sender does."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def send(self, subscription: Subscription, entries: Sequence[StoredEntry]) -> Outcome:
        """See ``Sender``."""
        outcome = await self._sender.send(subscription, entries)
        channel = subscription.channel
        DELIVERIES.labels(channel, type(outcome).__name__.lower()).inc()
        if isinstance(outcome, Accepted):
            DELIVERED.labels(channel).inc(len(entries))
        return outcome

"""What is counted about deliveries: by channel, outcome, cause and side, never by organisation."""

from collections.abc import Iterable, Mapping, Sequence

from prometheus_client import Counter, Gauge

from linkage_contracts.codes import Channel
from supervision_push.adapters.subscriptions.mongo_subscriptions import MongoSubscriptions
from supervision_push.application.announcements import SYSTEM
from supervision_push.application.feed_ports import Sender
from supervision_push.application.tell_changes import ACTIVATED, DISABLED, PARKED, PAUSED
from supervision_push.domain.answer import Accepted, Cause, Failed, Outcome
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.subscription import Change, Subscription, SubscriptionState

DELIVERIES = Counter(
    "linkage_feed_deliveries_total",
    "Attempts to hand entries over, by how they ended.",
    ["channel", "outcome"],
)
DELIVERED = Counter(
    "linkage_feed_delivered_entries_total", "Entries handed over and accepted.", ["channel"]
)
FAILURES = Counter(
    "linkage_feed_delivery_failures_total",
    "Attempts that failed, by cause, and by the side that must mend it.",
    ["channel", "side", "cause"],
)
CHANGES = Counter(
    "linkage_subscription_changes_total",
    "What deliverers did to subscriptions by themselves; disabled needs a person.",
    ["change"],
)
SUBSCRIPTIONS = Gauge(
    "linkage_subscriptions_ailing",
    "Subscriptions by what ails them: disabled, in trouble by side, or with parked entries.",
    ["ailment"],
)
STATES = Gauge("linkage_subscriptions", "Subscriptions that are not removed, by state.", ["state"])
WAITING_SECONDS = Gauge(
    "linkage_subscription_lag_seconds",
    "Age of the oldest entry that an ailing subscription waits for; 0 if there is none.",
)
UNREAD = Gauge(
    "linkage_feeds_unread",
    "Feeds with entries that nobody reads: no active subscription, and no pull for too long.",
)

OUTCOMES = ("accepted", "processed", "failed", "gone")
AILMENTS = (DISABLED, "receiver", "platform", PARKED)


def declare_delivery_metrics() -> None:
    """Create every label set at 0."""
    for channel in (Channel.WEBHOOK, Channel.KAFKA):
        DELIVERED.labels(channel)
        for outcome in OUTCOMES:
            DELIVERIES.labels(channel, outcome)
        for cause in Cause:
            FAILURES.labels(channel, cause.side, cause)
    for change in (DISABLED, PAUSED, ACTIVATED, PARKED):
        CHANGES.labels(change)
    count_ailing(())
    count_states({})


def count_ailing(ailing: Iterable[Subscription]) -> None:
    """Set the gauge."""
    counts = dict.fromkeys(AILMENTS, 0)
    for one in ailing:
        counts[PARKED] += bool(one.parked)
        if one.state is SubscriptionState.DISABLED:
            counts[DISABLED] += 1
        elif one.trouble:
            counts[one.trouble.cause.side] += 1
    for ailment, count in counts.items():
        SUBSCRIPTIONS.labels(ailment).set(count)


def count_states(counts: Mapping[str, int]) -> None:
    """Set the gauge."""
    for state in SubscriptionState:
        if state is not SubscriptionState.REMOVED:
            STATES.labels(state).set(counts.get(state, 0))


class CountedSender:
    """Counts what another sender does."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def send(self, subscription: Subscription, entries: Sequence[StoredEntry]) -> Outcome:
        """See ``Sender``."""
        outcome = await self._sender.send(subscription, entries)
        channel = subscription.channel
        if isinstance(outcome, Accepted):
            DELIVERIES.labels(channel, "processed" if outcome.processed else "accepted").inc()
            DELIVERED.labels(channel).inc(len(entries))
        else:
            DELIVERIES.labels(channel, type(outcome).__name__.lower()).inc()
        if isinstance(outcome, Failed):
            FAILURES.labels(channel, outcome.cause.side, outcome.cause).inc()
        return outcome


class CountedSubscriptions(MongoSubscriptions):
    """Counts what a deliverer does to subscriptions."""

    async def save(
        self, before: Subscription, after: Subscription, change: Change | None = None
    ) -> bool:
        """See ``Subscriptions``."""
        saved = await super().save(before, after, change)
        if saved and change and change.by == SYSTEM:
            CHANGES.labels(change.what).inc()
        return saved

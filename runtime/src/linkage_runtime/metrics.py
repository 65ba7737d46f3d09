"""Metrics that every process shares: base units, bounded labels, all there from the start."""

from datetime import datetime
from functools import cache

from prometheus_client import Counter, Gauge, Histogram

SETTLED = Counter(
    "linkage_settled_total",
    "Messages settled, by what became of them.",
    ["reader", "topic", "outcome"],
)
BATCH = Histogram(
    "linkage_batch_messages",
    "Messages settled together.",
    ["reader", "topic"],
    buckets=(1, 3, 10, 30, 100, 300, 1000),
)
SETTLE_SECONDS = Histogram(
    "linkage_settle_seconds",
    "Time to make one batch's effects durable.",
    ["reader", "topic"],
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100),
)
STUCK = Gauge(
    "linkage_partition_stuck",
    "1 while a batch cannot be settled because the code fails on it; needs a person.",
    ["reader", "topic"],
)
RETRYING = Gauge(
    "linkage_batch_attempts",
    "Attempts at the batch in hand; above 1 something outside is in trouble.",
    ["reader", "topic"],
)

_WORKING_DAY = 86_400.0
GAP_SECONDS = Histogram(
    "linkage_gap_seconds",
    "Time between two steps of a loop, from a hundredth of a second to months.",
    ["gap"],
    buckets=(
        *(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 60, 600, 3_600),
        # 1, 2, 5, 10, 20 and 60 days: the terms of DOMAIN.md §9 are of these sizes.
        *(_WORKING_DAY * days for days in (1, 2, 5, 10, 20, 60)),
    ),
)

OUTCOMES = ("handled", "unreadable", "refused", "failed")


def observe_gap(gap: str, start: datetime, end: datetime) -> None:
    """Record one gap; a clock set back gives 0, never a negative time."""
    _gap(gap).observe(max(0.0, (end - start).total_seconds()))


@cache
def _gap(gap: str) -> Histogram:
    # Asked for each event: finding a label set costs many times what observing does.
    return GAP_SECONDS.labels(gap)


def declare_reader(reader: str, topic: str) -> None:
    """Create a reader's label sets at 0."""
    for outcome in OUTCOMES:
        SETTLED.labels(reader, topic, outcome)
    BATCH.labels(reader, topic)
    SETTLE_SECONDS.labels(reader, topic)
    STUCK.labels(reader, topic).set(0)
    RETRYING.labels(reader, topic).set(0)


def declare_gaps(*gaps: str) -> None:
    """Create gap histograms at 0."""
    for gap in gaps:
        GAP_SECONDS.labels(gap)

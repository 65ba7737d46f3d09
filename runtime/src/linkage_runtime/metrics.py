"""Metrics that every process shares: base units, bounded labels, all there from the start."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib.metadata import version

from prometheus_client import Counter, Gauge, Histogram, Info, disable_created_metrics

# When a series began is in `process_start_time_seconds`; one more series for each says nothing.
disable_created_metrics()  # type: ignore[no-untyped-call]

BUILD = Info("linkage_build", "Which version this process runs.")
BUILD.info({"version": version("linkage-runtime")})

READY = Gauge("linkage_ready", "1 while a readiness check of this process says yes.", ["check"])
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
ASSIGNED = Gauge(
    "linkage_partitions_assigned", "Partitions that this process reads.", ["reader", "topic"]
)
LAG_MESSAGES = Gauge(
    "linkage_lag_messages",
    "Messages in the partitions of this process that are not acknowledged yet.",
    ["reader", "topic"],
)
LAG_SECONDS = Gauge(
    "linkage_lag_seconds",
    "Age of the oldest message in the batch that is not settled yet; 0 if there is none.",
    ["reader", "topic"],
)

GAP_SECONDS = Histogram(
    "linkage_gap_seconds",
    "Time between two steps of a loop, where machines take the second.",
    ["gap"],
    # 5 and 60 s are the objectives (on the feed, delivered) and so must be bounds.
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 5, 10, 30, 60, 300, 3_600, 86_400),
)
DAY_SECONDS = 86_400
ACT_GAP_SECONDS = Histogram(
    "linkage_act_gap_seconds",
    "Time between two steps of a loop, where a person takes the second.",
    ["gap"],
    # From half a working day on: the calendar days that terms of 1, 2, 5, 10 and 20 working days,
    # and of two and three months, come to at most, unless a long holiday lies in between.
    buckets=(
        60,
        600,
        3_600,
        14_400,
        *(DAY_SECONDS * days for days in (1, 2, 4, 7, 14, 30, 62, 95)),
    ),
)

OUTCOMES = ("handled", "unreadable", "refused", "failed")
OTHER = "other"


class Bounded:
    """Holds a label within bounds: the first so many values are told by name, the rest together."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._named: set[str] = set()

    def __call__(self, value: str) -> str:
        """The value as the label may tell it."""
        if value in self._named:
            return value
        if len(self._named) >= self._limit:
            return OTHER
        self._named.add(value)
        return value


def observe_gap(gap: str, start: datetime, end: datetime) -> None:
    """Record one gap that machines make; a clock set back gives 0, never a negative time."""
    _gap(gap).observe(max(0.0, (end - start).total_seconds()))


def observe_act(gap: str, start: datetime, end: datetime) -> None:
    """Record one gap that people make."""
    _act(gap).observe(max(0.0, (end - start).total_seconds()))


@cache
def _gap(gap: str) -> Histogram:
    # Asked for each event: finding a label set costs many times what observing does.
    return GAP_SECONDS.labels(gap)


@cache
def _act(gap: str) -> Histogram:
    return ACT_GAP_SECONDS.labels(gap)


def declare_reader(reader: str, topic: str) -> None:
    """Create a reader's label sets at 0."""
    for outcome in OUTCOMES:
        SETTLED.labels(reader, topic, outcome)
    BATCH.labels(reader, topic)
    SETTLE_SECONDS.labels(reader, topic)
    STUCK.labels(reader, topic).set(0)
    RETRYING.labels(reader, topic).set(0)


def ask_at_scrape(gauge: Gauge, labels: tuple[str, ...], ask: Callable[[], float]) -> None:
    """Let a gauge ask at each scrape: what nobody sets any more must not stand still."""
    gauge.labels(*labels).set_function(ask)


def declare_gaps(*gaps: str) -> None:
    """Create histograms of gaps that machines make, at 0."""
    for gap in gaps:
        _gap(gap)


def declare_acts(*gaps: str) -> None:
    """Create histograms of gaps that people make, at 0."""
    for gap in gaps:
        _act(gap)

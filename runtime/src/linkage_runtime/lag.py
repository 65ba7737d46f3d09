"""How far a stream worker is behind: in messages and seconds, and whether that is known at all."""

from collections.abc import Iterable, Iterator
from time import time

import faust
from aiokafka.errors import IllegalStateError
from faust.exceptions import ConsumerNotStarted
from faust.types import TP
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from linkage_runtime.metrics import ASSIGNED, LAG_MESSAGES, LAG_SECONDS, ask_at_scrape


class Lag:
    """What a worker has read and not settled; asked at each scrape, so it grows while it waits."""

    def __init__(self, app: faust.App) -> None:
        self._app = app
        self._oldest: dict[str, float] = {}

    def declare(self, reader: str, topic: str) -> None:
        """Show one topic's lag."""
        labels = (reader, topic)
        ask_at_scrape(ASSIGNED, labels, lambda: len(self._partitions(topic)))
        ask_at_scrape(LAG_MESSAGES, labels, lambda: self._messages(topic))
        ask_at_scrape(LAG_SECONDS, labels, lambda: self._seconds(topic))

    def holds(self, topic: str, timestamps: Iterable[float]) -> None:
        """A batch was taken in hand."""
        self._oldest[topic] = min(timestamps)

    def settled(self, topic: str) -> None:
        """It is out of our hands."""
        self._oldest.pop(topic, None)

    async def is_assigned(self) -> bool:
        """A readiness check: it holds partitions, and is not between two assignments."""
        return bool(self._partitions()) and not self._app.rebalancing

    async def is_known(self) -> bool:
        """A readiness check: the end of every partition that is read was seen."""
        return all(self._end(one) is not None for one in self._partitions())

    def _partitions(self, topic: str | None = None) -> list[TP]:
        try:
            assigned = self._app.consumer.assignment()
        except ConsumerNotStarted:
            return []
        return [one for one in assigned if topic in (None, one.topic)]

    def _end(self, partition: TP) -> int | None:
        try:
            # Declared as an int; it is None until the first fetch has answered.
            end: int | None = self._app.consumer.highwater(partition)
        except IllegalStateError:  # taken away since we asked what is assigned
            return None
        return end

    def _messages(self, topic: str) -> int:
        # Its monitor does not know what was committed before this process began.
        committed: dict[TP, int | None] = vars(self._app.consumer)["_committed_offset"]
        return sum(
            max(0, (self._end(one) or 0) - (committed.get(one) or 0))
            for one in self._partitions(topic)
        )

    def _seconds(self, topic: str) -> float:
        oldest = self._oldest.get(topic)
        return 0.0 if oldest is None else max(0.0, time() - oldest)


class FaustCounts(Collector):
    """What faust counts by itself, read at scrape: its own exporter would cost each message."""

    def __init__(self, app: faust.App) -> None:
        self._monitor = app.monitor

    def collect(self) -> Iterator[CounterMetricFamily]:
        """See ``Collector``."""
        counts = self._monitor
        for name, about, number in (
            ("messages_received", "Messages that came from Kafka.", counts.messages_received_total),
            ("events", "Messages that reached an agent.", counts.events_total),
            ("rebalances", "Times that partitions were dealt out anew.", counts.rebalances or 0),
            ("assignments_failed", "Assignments that failed.", counts.assignments_failed),
        ):
            yield CounterMetricFamily(f"faust_{name}", about, value=number)

"""What this process accepted a moment ago, in front of what the worker has recorded since."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence

from approval_events.application.ports import KnownDecisions
from linkage_contracts.decisions import DecisionEvent
from linkage_runtime.gathering import Gathering

CAPACITY = 10_000
"""A few seconds at the highest rate, as long as the worker may take to record them."""


class RecentDecisions:
    """See ``RememberedDecisions``: a repeat is known before the worker has recorded the first."""

    def __init__(self, books: KnownDecisions, capacity: int = CAPACITY) -> None:
        self._books = books
        self._recorded = Gathering(books.digests)
        self._capacity = capacity
        self._recent: OrderedDict[str, DecisionEvent] = OrderedDict()

    def remember(self, events: Iterable[DecisionEvent]) -> None:
        """See ``RememberedDecisions``."""
        for event in events:
            self._recent[event.id] = event
        while len(self._recent) > self._capacity:
            self._recent.popitem(last=False)

    async def digests(self, event_ids: Sequence[str]) -> Mapping[str, str]:
        """See ``KnownDecisions``; what is remembered is not asked for again."""
        recent = self._remembered(event_ids)
        asked = [id_ for id_ in event_ids if id_ not in recent]
        recorded = await self._recorded(asked) if asked else {}
        return {**recorded, **{id_: event.data.digest for id_, event in recent.items()}}

    async def events(self, event_ids: Sequence[str]) -> Mapping[str, DecisionEvent]:
        """See ``KnownDecisions``: what is recorded stands, also against what was just accepted."""
        recorded = await self._books.events(event_ids)
        return {**self._remembered(event_ids), **recorded}

    def _remembered(self, event_ids: Sequence[str]) -> dict[str, DecisionEvent]:
        return {id_: self._recent[id_] for id_ in event_ids if id_ in self._recent}

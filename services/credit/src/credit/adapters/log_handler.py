"""From settled batches to use cases: the handler that all topics of this service share."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import datetime

from credit.adapters.metrics import GAP, count_changes, count_facts
from credit.application.gather_facts import GatheredFacts
from credit.ports import Revision
from linkage_contracts.envelope import Event
from linkage_runtime.clock import now
from linkage_runtime.metrics import observe_gap
from linkage_runtime.settlement import Message

Gather = Callable[[Iterable[Event]], Awaitable[GatheredFacts]]
Rate = Callable[[Collection[str], datetime], Awaitable[tuple[Revision, ...]]]


class LogHandler:
    """Gathers the facts of a batch and rates the parties that it touched."""

    def __init__(self, gather: Gather, rate: Rate) -> None:
        self._gather = gather
        self._rate = rate
        self._turn = asyncio.Lock()

    async def __call__(self, messages: Sequence[Message]) -> None:
        """A settlement ``Handle``."""
        gathered = await self._gather([message.event for message in messages])
        count_facts(gathered.new)
        await self.rate(gathered.parties, now())
        rated_at = now()
        for message in messages:
            observe_gap(GAP, message.event.recordedtime, rated_at)

    async def rate(self, parties: Collection[str], at: datetime) -> None:
        """Rate in turn: whoever has a batch of events, or of parties that are due."""
        # The agents of four topics meet here over the same parties: one at a time, so that the
        # newest rating is also the last on its topic. Between workers compare-and-set sees to it.
        async with self._turn:
            count_changes(await self._rate(parties, at))

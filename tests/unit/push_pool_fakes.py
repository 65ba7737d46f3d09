"""The pool in memory, with the same rules as the one in MongoDB."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from supervision_push.application.ports import (
    Letter,
    NewPush,
    Taking,
    WaitingEntry,
)
from supervision_push.domain.pool import PoolEntry
from tests.unit.push_fakes import FakePublisher


@dataclass
class FakePool:
    """See ``Pool``."""

    publisher: FakePublisher
    entries: dict[str, PoolEntry] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    openings: dict[str, NewPush] = field(default_factory=dict)
    held: dict[str, list[Letter]] = field(default_factory=dict)
    before_take: Callable[[], Awaitable[None]] | None = None

    async def add(self, entries: Sequence[WaitingEntry]) -> dict[str, PoolEntry]:
        """See the port."""
        known = {
            one.entry.pool_id: self.entries[one.entry.pool_id]
            for one in entries
            if one.entry.pool_id in self.entries
        }
        for one in entries:
            self.entries.setdefault(one.entry.pool_id, one.entry)
            self.bodies.setdefault(one.entry.pool_id, one.body)
        return known

    async def find(self, pool_ids: Iterable[str]) -> dict[str, WaitingEntry]:
        """See the port."""
        return {
            one: WaitingEntry(entry=self.entries[one], body=self.bodies[one])
            for one in pool_ids
            if one in self.entries
        }

    async def take(self, takings: Sequence[Taking]) -> int:
        """See the port."""
        if faster := self.before_take:
            self.before_take = None
            await faster()
        return sum(self._take(taking) for taking in takings)

    def _take(self, taking: Taking) -> bool:
        pool_id = taking.entry.pool_id
        if self.entries[pool_id].claim is not None:
            return False
        self.entries[pool_id] = taking.entry
        self.openings[pool_id] = taking.opening
        self.held[pool_id] = list(taking.letters)
        return True

    async def unfinished(self, pool_ids: Sequence[str] | None) -> dict[str, NewPush]:
        """See the port."""
        return {
            pool_id: opening
            for pool_id, opening in self.openings.items()
            if pool_ids is None or pool_id in pool_ids
        }

    async def finished(self, pool_ids: Sequence[str]) -> None:
        """See the port."""
        for pool_id in pool_ids:
            self.openings.pop(pool_id, None)

    async def flush(self, pool_ids: Sequence[str]) -> None:
        """See the port."""
        for pool_id in pool_ids:
            for topic, event in self.held.get(pool_id, []):
                await self.publisher.publish(topic, [event])
            self.held.pop(pool_id, None)

    async def sweep(self) -> int:
        """What ``Outbox.sweep`` does."""
        left = list(self.held)
        await self.flush(left)
        return len(left)

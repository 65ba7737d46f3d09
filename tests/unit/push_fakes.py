"""The books of pushes in memory, with the same rules as the ones in MongoDB; and a publisher."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import Channel, RiskClass
from linkage_contracts.envelope import Event
from linkage_contracts.topics import FEEDS, PROGRESS, TOPICS, Topic
from linkage_runtime.errors import PermanentError, TransientError
from linkage_runtime.publisher import Headers
from supervision_push.application.ports import (
    Letter,
    NewPush,
    OpenedPushes,
    ReturnedPush,
    Step,
    Taking,
    WaitingEntry,
)
from supervision_push.domain.ending import Ending, is_void
from supervision_push.domain.pool import PoolEntry
from supervision_push.domain.push import Push
from supervision_push.domain.routing import HeldPush, PoolStanding, Standing
from supervision_push.domain.steps import Delivery, PushState


class FakePublisher:
    """Keeps what was published, in order; fails as often as it is told to."""

    def __init__(self) -> None:
        self.published: list[tuple[Topic, Event]] = []
        self.failures = 0

    async def publish(self, topic: Topic, events: Iterable[Event]) -> None:
        """See the port."""
        if self.failures:
            self.failures -= 1
            raise TransientError("Kafka is away")
        self.published += [(topic, event) for event in events]

    async def send(
        self, topic: str, records: Sequence[tuple[bytes | None, bytes, Headers]]
    ) -> None:
        """As an outbox sends: bytes, which must read as an event of that topic."""
        where = next(one for one in TOPICS if one.name == topic)
        events = [where.read(body) for _, body, _ in records]
        assert [key for key, _, _ in records] == [one.partitionkey.encode() for one in events]
        await self.publish(where, events)

    def on(self, topic: Topic) -> list[Event]:
        """Each event once, as a reader that knows the ids sees them."""
        events = [event for where, event in self.published if where is topic]
        return list({event.id: event for event in reversed(events)}.values())[::-1]

    def types(self, topic: Topic = PROGRESS) -> list[str]:
        """What kind of events, in order."""
        return [event.type for event in self.on(topic)]

    def feed_of(self, recipient: str) -> list[Event]:
        """One organisation's feed."""
        return [event for event in self.on(FEEDS) if event.partitionkey == recipient]


@dataclass
class FakePushes:
    """See ``PushLedger``; ``before_save`` is somebody else who is faster, once."""

    publisher: FakePublisher
    pool: "FakePool"
    stored: dict[str, Push] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    held: dict[str, list[Letter]] = field(default_factory=dict)
    to_finish: set[str] = field(default_factory=set)
    before_save: Callable[[], Awaitable[None]] | None = None

    async def open(self, pushes: Sequence[NewPush]) -> OpenedPushes:
        """See the port."""
        fresh = frozenset(one.push.push_id for one in pushes) - self.stored.keys()
        for one in pushes:
            self.stored.setdefault(one.push.push_id, one.push)
            self.bodies.setdefault(one.push.push_id, one.body)
        stored = tuple(self.stored[one.push.push_id] for one in pushes)
        return OpenedPushes(pushes=stored, fresh=fresh)

    async def find(self, push_ids: Iterable[str]) -> dict[str, Push]:
        """See the port."""
        return {one: self.stored[one] for one in push_ids if one in self.stored}

    async def undelivered(self, organisation: str, push_ids: Iterable[str]) -> list[Push]:
        """See the port."""
        found = (await self.find(push_ids)).values()
        return [one for one in found if one.recipient == organisation and not one.delivery]

    async def lapsing(self, at: datetime, limit: int) -> list[Push]:
        """See the port."""
        due = [push for push in self.stored.values() if push.deem_at and push.deem_at <= at]
        return due[:limit]

    async def standing(self, decision_ids: Iterable[str]) -> dict[str, Standing]:
        """See the port."""
        return {decision_id: self._standing(decision_id) for decision_id in decision_ids}

    def _standing(self, decision_id: str) -> Standing:
        return Standing(
            pushes=tuple(
                HeldPush(
                    event_id=push.event_id,
                    recipient=push.recipient,
                    round=push.round,
                    state=push.state,
                    pool_id=push.returned.pool_id if push.returned else None,
                )
                for push in self.stored.values()
                if push.decision_id == decision_id
            ),
            pool=tuple(
                PoolStanding(
                    pool_id=entry.pool_id,
                    event_id=entry.event_id,
                    of_returned_push=entry.returned_push is not None,
                    claimed_by=entry.claim.organisation if entry.claim else None,
                )
                for entry in self.pool.entries.values()
                if entry.decision_id == decision_id
            ),
        )

    async def rounds(self, recipient: str, decision_ids: Iterable[str]) -> dict[str, int]:
        """See the port."""
        wanted, highest = set(decision_ids), dict[str, int]()
        for push in self.stored.values():
            if push.recipient == recipient and push.decision_id in wanted:
                highest[push.event_id] = max(push.round, highest.get(push.event_id, 0))
        return highest

    async def save(self, steps: Sequence[Step]) -> int:
        """See the port."""
        if faster := self.before_save:
            self.before_save = None
            await faster()
        return sum(self._save(step) for step in steps)

    def _save(self, step: Step) -> bool:
        push_id = step.before.push_id
        if self.stored[push_id].revision != step.before.revision:
            return False
        self.stored[push_id] = replace(step.after, revision=step.before.revision + 1)
        self.held.setdefault(push_id, []).extend(step.letters)
        if step.after.state is PushState.RETURNED:
            self.to_finish.add(push_id)
        return True

    async def deliver(self, push_ids: Sequence[str], channel: Channel, at: datetime) -> None:
        """See the port."""
        for push_id in push_ids:
            push = self.stored[push_id]
            if push.delivery is None:
                delivery = Delivery(at=at, channel=channel)
                self.stored[push_id] = replace(push, delivery=delivery, revision=push.revision + 1)

    async def ended(self, endings: Sequence[Ending]) -> list[Push]:
        """See the port."""
        ending_of = {ending.decision_id: ending for ending in endings}
        return [
            push
            for push in self.stored.values()
            if push.decision_id in ending_of and is_void(push, ending_of[push.decision_id])
        ]

    async def unfinished_returns(self, push_ids: Sequence[str] | None) -> list[ReturnedPush]:
        """See the port."""
        wanted = self.to_finish if push_ids is None else self.to_finish & set(push_ids)
        return [ReturnedPush(push=self.stored[one], body=self.bodies[one]) for one in wanted]

    async def finished(self, push_ids: Sequence[str]) -> None:
        """See the port."""
        self.to_finish -= set(push_ids)

    async def flush(self, push_ids: Sequence[str]) -> None:
        """See the port."""
        for push_id in push_ids:
            for topic, event in self.held.get(push_id, []):
                await self.publisher.publish(topic, [event])
            self.held.pop(push_id, None)

    async def sweep(self) -> int:
        """What ``Outbox.sweep`` does."""
        left = list(self.held)
        await self.flush(left)
        return len(left)


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


@dataclass
class FakeRecalls:
    """See ``Recalls``."""

    last: dict[str, Ending] = field(default_factory=dict)

    async def put(self, endings: Sequence[Ending]) -> None:
        """See the port."""
        for ending in endings:
            known = self.last.get(ending.decision_id, ending)
            self.last[ending.decision_id] = max(known, ending, key=lambda e: (e.on, e.event_id))

    async def of(self, decision_ids: Iterable[str]) -> list[Ending]:
        """See the port."""
        return [self.last[one] for one in decision_ids if one in self.last]


@dataclass
class FakeClasses:
    """See ``PartyClasses``."""

    known: dict[str, RiskClass] = field(default_factory=dict)

    async def of(self, parties: Iterable[str]) -> Mapping[str, RiskClass]:
        """See the port."""
        return {party: self.known[party] for party in parties if party in self.known}


class FakeCatalogues:
    """Some versions; the last one is in force."""

    def __init__(self, *catalogues: Catalogue) -> None:
        self._versions = {catalogue.version: catalogue for catalogue in catalogues}
        self._in_force = catalogues[-1]

    async def in_force(self) -> Catalogue:
        """See the port."""
        return self._in_force

    async def version(self, version: str) -> Catalogue:
        """See the port."""
        if version not in self._versions:
            raise PermanentError(f"no catalogue version {version}")
        return self._versions[version]

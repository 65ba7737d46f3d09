"""The ledger of pushes in memory, with the same rules as the one in MongoDB."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from linkage_contracts.codes import Channel
from supervision_push.application.ports import (
    Letter,
    NewPush,
    OpenedPushes,
    ReturnedPush,
    Step,
)
from supervision_push.domain.ending import Ending, is_void
from supervision_push.domain.push import Push
from supervision_push.domain.routing import HeldPush, PoolStanding, Standing
from supervision_push.domain.steps import Delivery, PushState
from tests.unit.push_fakes import FakePublisher
from tests.unit.push_pool_fakes import FakePool


@dataclass
class FakePushes:
    """See ``PushLedger``; ``before_save`` is somebody else who is faster, once."""

    publisher: FakePublisher
    pool: FakePool
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

    async def delivered(self, push_ids: Iterable[str]) -> frozenset[str]:
        """See the port."""
        found = await self.find(push_ids)
        return frozenset(one for one, push in found.items() if push.delivery)

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

"""Subscriptions in memory, with their history."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from linkage_runtime.errors import TransientError
from supervision_push.domain.subscription import Change, Subscription, SubscriptionState


@dataclass
class MemorySubscriptions:
    """Subscriptions by id; as in MongoDB, every write compares the revision."""

    by_id: dict[str, Subscription] = field(default_factory=dict)
    changes: dict[str, list[Change]] = field(default_factory=dict)
    away: int = 0
    """How many more calls fail because the database is away."""

    async def add(self, subscription: Subscription, change: Change | None = None) -> bool:
        there = self.by_id.get(subscription.id)
        if there is not None and there.state is not SubscriptionState.REMOVED:
            return False
        revision = there.revision + 1 if there else subscription.revision
        self.by_id[subscription.id] = replace(subscription, revision=revision)
        self._note(subscription.id, change)
        return True

    async def find(self, subscription_id: str) -> Subscription | None:
        there = self.by_id.get(subscription_id)
        return there if there and there.state is not SubscriptionState.REMOVED else None

    async def of(self, organisation: str) -> list[Subscription]:
        own = [one for one in self.by_id.values() if one.organisation == organisation]
        return [one for one in own if one.state is not SubscriptionState.REMOVED]

    async def find_all(self, subscription_ids: Sequence[str]) -> list[Subscription]:
        return [self.by_id[one] for one in subscription_ids if one in self.by_id]

    async def delivering(self) -> dict[str, datetime | None]:
        return {one.id: one.edited_at for one in self.by_id.values() if one.delivers}

    async def edited_since(self, at: datetime) -> list[Subscription]:
        return [one for one in self.by_id.values() if one.edited_at and one.edited_at >= at]

    async def save(
        self, before: Subscription, after: Subscription, change: Change | None = None
    ) -> bool:
        if self.away:
            self.away -= 1
            raise TransientError("MongoDB is away")
        there = self.by_id.get(before.id)
        if there is None or there.revision != before.revision:
            return False
        self.by_id[before.id] = replace(after, revision=before.revision + 1)
        self._note(before.id, change)
        return True

    async def history(self, subscription_id: str, organisation: str) -> list[Change]:
        there = self.by_id.get(subscription_id)
        own = there is not None and there.organisation == organisation
        return self.changes.get(subscription_id, []) if own else []

    async def ailing(self) -> list[Subscription]:
        disabled = SubscriptionState.DISABLED
        return [
            one
            for one in self.by_id.values()
            if one.state is disabled or one.trouble is not None or one.parked
        ]

    def _note(self, subscription_id: str, change: Change | None) -> None:
        if change is not None:
            self.changes.setdefault(subscription_id, []).append(change)

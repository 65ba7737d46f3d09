"""Run one delivery per subscription, and keep up with subscriptions that come, change and go."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from linkage_runtime.errors import TransientError
from supervision_push.application.delivery_ports import Traffic
from supervision_push.application.subscription_ports import Subscriptions
from supervision_push.domain.shares import ALL_SHARES, share_of
from supervision_push.domain.subscription import Subscription

log = structlog.get_logger()

REFRESH_SECONDS: Final = 1.0
"""How soon a new subscription is served, and how long a delivery that failed on a bug rests."""
OVERLAP: Final = timedelta(seconds=10)
"""How far the clocks of two processes may be apart before an edit is seen by the next full look."""
FULL_LOOK_EVERY: Final = timedelta(minutes=1)
AT_ONCE: Final = 50
"""Subscriptions begun at once; between them the others get their turn."""

Deliver = Callable[[Subscription], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Running:
    """One delivery, and the edit that it knows of."""

    task: asyncio.Task[None]
    edited_at: datetime | None


@dataclass(slots=True, kw_only=True)
class Deliveries:
    """All deliveries of this process; one subscription's failure is no other's."""

    subscriptions: Subscriptions
    deliver: Deliver
    traffic: Traffic
    clock: Callable[[], datetime]
    shares: frozenset[int] = ALL_SHARES
    """What this process, and no other, delivers for."""
    running: dict[str, Running] = field(default_factory=dict)
    looked_at: datetime | None = None

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Keep up until cancelled."""
        try:
            while True:
                try:
                    await self.keep_up()
                except TransientError as error:
                    log.warning("subscriptions cannot be listed", cause=str(error))
                await sleep(REFRESH_SECONDS)
        finally:
            for one in self.running.values():
                one.task.cancel()
            tasks = [one.task for one in self.running.values()]
            await asyncio.gather(*tasks, return_exceptions=True)

    async def keep_up(self) -> None:
        """Begin, begin anew and end what was edited; look at all of them now and then."""
        at = self.clock()
        if self.looked_at is None or at - self.looked_at >= FULL_LOOK_EVERY:
            self.looked_at = at
            try:
                await self._look_at_all()
            except TransientError:
                self.looked_at = None
                raise
        else:
            self._follow(await self.subscriptions.edited_since(at - OVERLAP))
            await self._mend()

    async def _look_at_all(self) -> None:
        everything = await self.subscriptions.delivering()
        mine = {one: edit for one, edit in everything.items() if share_of(one) in self.shares}
        self._end(self.running.keys() - mine.keys())
        known = {one: running.edited_at for one, running in self.running.items()}
        other = [one for one, edit in mine.items() if one not in known or known[one] != edit]
        for start in range(0, len(other), AT_ONCE):
            self._follow(await self.subscriptions.find_all(other[start : start + AT_ONCE]))

    def hold(self, shares: frozenset[int]) -> None:
        """Deliver for these; what is new is taken in at the next look, as it then stands."""
        if shares - self.shares:
            self.looked_at = None
        self.shares = shares

    def let_go(self, shares: frozenset[int]) -> None:
        """Begin nothing more for these; what waits is ended, a request in flight is its last."""
        self.shares -= shares
        going = [one for one in self.running if share_of(one) in shares]
        self.traffic.ending.update(going)
        self._end(going)

    def busy(self) -> frozenset[int]:
        """The shares in which a request is in flight."""
        return frozenset(share_of(one) for one in self.traffic.in_flight)

    def _follow(self, subscriptions: Iterable[Subscription]) -> None:
        for one in subscriptions:
            known = self.running.get(one.id)
            if not (one.delivers and share_of(one.id) in self.shares):
                self._end({one.id} & self.running.keys())
            elif known is None or (known.edited_at != one.edited_at and self._end({one.id})):
                self._begin(one)

    def _begin(self, subscription: Subscription) -> None:
        task = asyncio.ensure_future(self.deliver(subscription))
        self.running[subscription.id] = Running(task=task, edited_at=subscription.edited_at)

    def _end(self, ids: Iterable[str]) -> bool:
        """Let go of deliveries that wait; one with a request in flight sees for itself.

        Its write will find that the subscription was changed, and it goes on from what holds then.
        """
        idle = [one for one in ids if one not in self.traffic.in_flight]
        for one in idle:
            self.running.pop(one).task.cancel()
            self.traffic.ending.discard(one)
        return bool(idle)

    async def _mend(self) -> None:
        """Forget what came to its end; begin again what failed on a bug, or was let go in vain."""
        for id_, one in [*self.running.items()]:
            if not one.task.done():
                continue
            del self.running[id_]
            bug = None if one.task.cancelled() else one.task.exception()
            if bug:
                log.critical("delivery failed", subscription=id_, exc_info=bug)
            if bug or id_ in self.traffic.ending:
                self.traffic.ending.discard(id_)
                there = await self.subscriptions.find(id_)
                self._follow([there] if there else [])

"""Hold this deliverer's shares of the work: beat, take, let go, take over from the dead."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, Protocol

import structlog

from linkage_runtime.errors import TransientError
from supervision_push.application.run_deliveries import Deliveries
from supervision_push.domain.shares import Shares

log = structlog.get_logger()

BEAT_SECONDS: Final = 2.0
DEAD_AFTER_SECONDS: Final = 10.0
"""Five beats missed. Until then what a dead deliverer held waits; its cursors are safe."""
TRIES: Final = 10


class ShareBook(Protocol):
    """Where all deliverers see who holds what."""

    async def read(self) -> Shares:
        """As it stands."""

    async def write(self, before: Shares, after: Shares) -> bool:
        """False if somebody else wrote since ``before`` was read."""


@dataclass(slots=True, kw_only=True)
class ShareHolder:
    """One deliverer among others."""

    deliverer: str
    book: ShareBook
    deliveries: Deliveries
    clock: Callable[[], float] = monotonic
    seen: dict[str, tuple[int, float]] = field(default_factory=dict)
    """Each deliverer's last beat, and when it was first seen here."""
    beaten_at: float = 0.0

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Beat until cancelled."""
        while True:
            try:
                await self.beat()
            except TransientError as error:
                log.warning("shares cannot be held", cause=str(error))
                if self.clock() - self.beaten_at >= DEAD_AFTER_SECONDS:
                    # To the others this deliverer is dead, and they go on with its work.
                    self.deliveries.let_go(self.deliveries.shares)
            await sleep(BEAT_SECONDS)

    async def beat(self) -> None:
        """One beat; what is let go of is at rest before another deliverer can take it."""
        for _ in range(TRIES):
            there = await self.book.read()
            held = there.held_by(self.deliverer)
            self.deliveries.let_go(self.deliveries.shares - held)
            busy = self.deliveries.busy()
            after = there.beat(self.deliverer, dead=self._dead(there), busy=busy)
            keeps = after.held_by(self.deliverer)
            self.deliveries.let_go(held - keeps)
            if await self.book.write(there, after):
                self.beaten_at = self.clock()
                self.deliveries.hold(keeps)
                if keeps != held:
                    log.info("shares held", shares=len(keeps), deliverers=len(after.beats))
                return

    async def leave(self) -> None:
        """Let go of everything, so that others need not wait for this one to be dead."""
        try:
            for _ in range(TRIES):
                there = await self.book.read()
                if await self.book.write(there, there.without(self.deliverer)):
                    return
        except TransientError as error:
            log.warning("shares are left to be taken over", cause=str(error))

    def _dead(self, shares: Shares) -> list[str]:
        at = self.clock()
        for one, count in shares.beats.items():
            known = self.seen.get(one)
            if known is None or known[0] != count:
                self.seen[one] = (count, at)
        others = [one for one in shares.beats if one != self.deliverer]
        return [one for one in others if at - self.seen[one][1] >= DEAD_AFTER_SECONDS]

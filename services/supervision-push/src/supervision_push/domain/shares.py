"""How several deliverers share the work: a subscription lies in one share, and that is held once.

Every deliverer beats now and then. Whose beat stands still is dead, by the others' own clocks
alone, and its shares are free. A share changes hands only by being let go of and then taken, each
in a write that compares what was read, so no two deliverers hold it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Self

SHARES: Final = 64
"""More than there will be deliverers; few enough to fit in one small document."""
ALL_SHARES: Final = frozenset(range(SHARES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Who is alive, and who holds what."""

    revision: int = 0
    beats: Mapping[str, int]
    holders: tuple[str | None, ...] = (None,) * SHARES

    def held_by(self, deliverer: str) -> frozenset[int]:
        """The numbers of its shares."""
        return frozenset(n for n, holder in enumerate(self.holders) if holder == deliverer)

    def beat(self, deliverer: str, *, dead: Iterable[str], busy: frozenset[int]) -> Self:
        """One more beat: free what the dead held, let go of too many, take what is free.

        Args:
            deliverer: who beats.
            dead: whose beat has stood still for too long.
            busy: shares that cannot be let go of yet.
        """
        alive = {one: count for one, count in self.beats.items() if one not in dead}
        # Who was thought dead counts on from where it never was: the others still know its last
        # beat, and the same number again would be silence.
        alive[deliverer] = alive.get(deliverer, self.revision) + 1
        holders = [holder if holder in alive else None for holder in self.holders]
        fair = _fair_share(sorted(alive), deliverer)
        mine = [n for n, holder in enumerate(holders) if holder == deliverer]
        for n in [one for one in mine if one not in busy][: max(0, len(mine) - fair)]:
            holders[n] = None
        free = [n for n, holder in enumerate(holders) if holder is None and n not in mine]
        for n in free[: max(0, fair - len(mine))]:
            holders[n] = deliverer
        return self._after(alive, holders)

    def without(self, deliverer: str) -> Self:
        """It stopped: all that it held is free."""
        alive = {one: count for one, count in self.beats.items() if one != deliverer}
        return self._after(alive, [None if one == deliverer else one for one in self.holders])

    def _after(self, beats: Mapping[str, int], holders: Iterable[str | None]) -> Self:
        return type(self)(revision=self.revision + 1, beats=beats, holders=tuple(holders))


def share_of(subscription_id: str) -> int:
    """In which share a subscription lies; its id is a uuid5, spread evenly."""
    return int(subscription_id[:8], 16) % SHARES


def _fair_share(alive: list[str], deliverer: str) -> int:
    each, left_over = divmod(SHARES, len(alive))
    return each + (alive.index(deliverer) < left_over)

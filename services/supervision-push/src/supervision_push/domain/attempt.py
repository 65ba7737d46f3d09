"""One request: what goes into it.

A batch whose content is refused is halved until the entry that is refused stands alone. An entry
that fails otherwise is told from a receiver that is down by its neighbour: the next entry about
another party, sent ahead of it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from supervision_push.domain.answer import Cause
from supervision_push.domain.entry import StoredEntry, fitting
from supervision_push.domain.subscription import Parked, Subscription, Suspicion

MOST_TRIES: Final = 8
"""How often an entry is tried alone before it is parked."""
PROBE_ENTRIES: Final = 1
"""After trouble the first request carries this many."""
SLOW_REST: Final = timedelta(seconds=1)
"""The rest between requests of a subscription at the slowest pace, where no rate was set."""


class Aim(StrEnum):
    """Which entries a request carries."""

    NEXT = "next"
    NEIGHBOUR = "neighbour"
    PARKED = "parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """``through`` is the offset up to which everything is in it, or is to be passed over."""

    entries: Sequence[StoredEntry]
    through: int
    aim: Aim = Aim.NEXT
    left: Sequence[StoredEntry] = ()
    """What was read beyond it."""


def next_attempt(subscription: Subscription, read: Sequence[StoredEntry]) -> Attempt | None:
    """A request with what was read after the cursor; ``None`` if nothing of it is wanted."""
    wanted = [entry for entry in read if wants(subscription, entry)]
    if not wanted:
        return None
    neighbour = _neighbour(subscription.suspicion, wanted)
    if neighbour is not None:
        stays = subscription.position.offset
        return Attempt(entries=[neighbour], through=stays, aim=Aim.NEIGHBOUR)
    chosen = fitting(wanted[: entries_at_once(subscription)])
    if len(chosen) == len(wanted):
        return Attempt(entries=chosen, through=read[-1].offset)
    through = chosen[-1].offset
    left = [entry for entry in read if entry.offset > through]
    return Attempt(entries=chosen, through=through, left=left)


def following_attempt(subscription: Subscription, before: Attempt) -> Attempt | None:
    """The request that may follow an accepted one at once, with what was read for it.

    ``None`` where the subscription wants a rest or a fuller batch, or is not well: then it is to be
    looked at anew.
    """
    unwell = subscription.suspicion or next_parked(subscription) or before.aim is not Aim.NEXT
    if unwell or rest_between(subscription) or not before.left:
        return None
    following = next_attempt(subscription, before.left)
    return None if following is None or may_wait(subscription, following) else following


def may_wait(subscription: Subscription, attempt: Attempt) -> bool:
    """Whether the batch is not full, and its organisation would rather have fewer requests."""
    full = len(attempt.entries) >= entries_at_once(subscription)
    return bool(subscription.preferences.delay) and not full and subscription.trouble is None


def wants(subscription: Subscription, entry: StoredEntry) -> bool:
    """Whether the entry is delivered in its turn: not filtered out, and not parked."""
    held = any(parked.holds(entry) for parked in subscription.parked)
    return not held and subscription.preferences.filter.lets(entry)


def entries_at_once(subscription: Subscription) -> int:
    """How many the next request may carry."""
    full = max(1, math.ceil(subscription.preferences.batch_size * subscription.pace))
    trouble, suspicion = subscription.trouble, subscription.suspicion
    if trouble is not None and trouble.cause is not Cause.REFUSED:
        return PROBE_ENTRIES
    return min(full, max(1, suspicion.within // 2)) if suspicion else full


def rest_between(subscription: Subscription) -> timedelta:
    """How long after a request began the next one may begin."""
    rate, pace = subscription.preferences.rate, subscription.pace
    return timedelta(seconds=1 / (rate * pace)) if rate else SLOW_REST * (1 - pace)


def next_parked(subscription: Subscription) -> Parked | None:
    """The parked party whose entries are to be delivered now, before anything newer."""
    return next((one for one in subscription.parked if one.redeliver), None)


def parked_attempt(subscription: Subscription, read: Sequence[StoredEntry]) -> Attempt | None:
    """One entry at a time of a party that is delivered again; ``None``: nothing of it is wanted."""
    wanted = [entry for entry in read if subscription.preferences.filter.lets(entry)]
    if not wanted:
        return None
    return Attempt(entries=wanted[:1], through=wanted[0].offset, aim=Aim.PARKED)


def _neighbour(suspicion: Suspicion | None, wanted: Sequence[StoredEntry]) -> StoredEntry | None:
    """Whom to ask whether the receiver is well; each time another, for it may be poison itself."""
    if suspicion is None or suspicion.refused or suspicion.neighbour_passed:
        return None
    if suspicion.tries < MOST_TRIES or suspicion.tries % 2:
        return None
    # Only the first of each party: its later ones must not overtake it.
    first: dict[str, StoredEntry] = {}
    for entry in wanted:
        first.setdefault(_order_key(entry), entry)
    neighbours = [*first.values()][1:]
    return neighbours[suspicion.tries // 2 % len(neighbours)] if neighbours else None


def _order_key(entry: StoredEntry) -> str:
    return entry.party or entry.id

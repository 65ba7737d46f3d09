"""Parked entries: one party's, from its first that could not be delivered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from supervision_push.domain.answer import Failed
from supervision_push.domain.attempt import Attempt, next_parked
from supervision_push.domain.subscription import Parked, Subscription


def parked(
    subscription: Subscription, attempt: Attempt, failure: Failed, at: datetime
) -> Subscription:
    """The one entry of the attempt is passed over, and its party's later ones with it."""
    (entry,) = attempt.entries
    now_parked = Parked(
        party=entry.party,
        first=entry.offset,
        since=at,
        cause=failure.cause,
        detail=failure.detail,
    )
    # During a replay a party that is parked may be parked from an earlier entry on.
    others = tuple(one for one in subscription.parked if not one.holds_party_of(entry))
    free = replace(subscription, parked=(*others, now_parked), suspicion=None, trouble=None)
    return free.passed(attempt.through)


def parked_again(subscription: Subscription, failure: Failed) -> Subscription:
    """A parked entry that was delivered again failed again: it waits for a person once more."""
    first = next_parked(subscription)
    return _with(
        subscription,
        first,
        lambda one: replace(one, cause=failure.cause, detail=failure.detail, redeliver=False),
    )


def released(subscription: Subscription, first: int) -> Subscription:
    """What was parked of the party in hand is delivered up to before ``first``."""
    in_hand = next_parked(subscription)
    if in_hand is not None and in_hand.party is None:
        return caught_up(subscription, in_hand)
    return _with(subscription, in_hand, lambda one: replace(one, first=first))


def redelivered(subscription: Subscription, one: Parked) -> Subscription:
    """A parked party's entries are to be delivered again, in order, before anything newer."""
    return _with(subscription, one, lambda waits: replace(waits, redeliver=True))


def discarded(subscription: Subscription, one: Parked) -> Subscription:
    """The entry that could not be delivered is given up; its party's later ones are delivered."""
    if one.party is None:
        return caught_up(subscription, one)
    return _with(
        subscription, one, lambda waits: replace(waits, first=waits.first + 1, redeliver=True)
    )


def caught_up(subscription: Subscription, one: Parked) -> Subscription:
    """All of a party's parked entries were delivered: its next ones go with the others."""
    left = tuple(waits for waits in subscription.parked if waits != one)
    return replace(subscription, parked=left)


def _with(
    subscription: Subscription, one: Parked | None, step: Callable[[Parked], Parked]
) -> Subscription:
    after = tuple(step(waits) if waits == one else waits for waits in subscription.parked)
    return replace(subscription, parked=after)

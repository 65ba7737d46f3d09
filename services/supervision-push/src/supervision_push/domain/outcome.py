"""What the outcome of a request makes of its subscription.

Trouble costs one cursor, not a queue of retries. After ``MOST_TRIES`` an entry is parked with its
party's later ones, and with no other's, in the same write that moves the cursor past it.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from supervision_push.domain.answer import Accepted, Cause, Failed, Side
from supervision_push.domain.attempt import MOST_TRIES, Aim, Attempt
from supervision_push.domain.parking import parked, parked_again, released
from supervision_push.domain.subscription import Subscription, SubscriptionState, Suspicion
from supervision_push.domain.trouble import FIRST_PAUSE, Trouble, pause_after, troubled

MOST_PARKED: Final = 100
"""Parties of one subscription. More are no poison, but a receiver that refuses everything: it is
left alone, and disabled in the end."""
SLOWEST: Final = 1 / 128
RECOVERY: Final = 0.1
"""What each success gives back of the pace; a receiver that was given too much halves it."""


def accepted(
    subscription: Subscription, attempt: Attempt, answer: Accepted, at: datetime
) -> Subscription:
    """The receiver has the batch."""
    suspicion, trouble = subscription.suspicion, subscription.trouble
    if attempt.aim is Aim.NEIGHBOUR:
        # It is delivered again in its turn. Only if the suspect fails once more, now that the
        # receiver is known to be up, is it the suspect's own fault.
        return replace(
            subscription,
            suspicion=replace(suspicion, neighbour_passed=True) if suspicion else None,
            trouble=trouble.again_at(at) if trouble else None,
        )
    better = replace(
        subscription,
        trouble=None,
        pace=min(1.0, subscription.pace + RECOVERY),
        delivered_at=at,
        processed=answer.processed,
    )
    if attempt.aim is Aim.PARKED:
        return released(better, attempt.through + 1)
    left = suspicion.within - len(attempt.entries) if suspicion else 0
    better = replace(better, suspicion=Suspicion(within=left) if left > 0 else None)
    return better.passed(attempt.through)


def failed(
    subscription: Subscription,
    attempt: Attempt,
    failure: Failed,
    *,
    at: datetime,
    chance: float,
    give_up_after: timedelta,
) -> Subscription:
    """The same entries again after a pause, or fewer of them, or without one that is poison.

    Args:
        subscription: as it stood before.
        attempt: what was sent.
        failure: why it failed.
        at: when.
        chance: 0 to 1, from a random source.
        give_up_after: how long a receiver may fail before its subscription is disabled.
    """
    if attempt.aim is Aim.PARKED and _is_about_entry(failure.cause):
        return parked_again(subscription, failure)
    suspicion = _suspicion(subscription.suspicion, attempt, failure.cause)
    if _is_poison(subscription.suspicion, suspicion, attempt) and _has_room(subscription):
        return parked(subscription, attempt, failure, at)
    trouble = _trouble(subscription.trouble, suspicion, failure, at, chance)
    pace = max(SLOWEST, subscription.pace / 2) if failure.slower else subscription.pace
    after = replace(subscription, suspicion=suspicion, pace=pace)
    return _in_trouble(after, trouble, at, give_up_after)


def unverified(
    subscription: Subscription,
    failure: Failed,
    *,
    at: datetime,
    chance: float,
    give_up_after: timedelta,
) -> Subscription:
    """The endpoint did not answer its test: tested again after a pause."""
    trouble = _trouble(subscription.trouble, None, failure, at, chance)
    return _in_trouble(subscription, trouble, at, give_up_after)


def gone(subscription: Subscription, at: datetime) -> Subscription:
    """The receiver said that it is gone: paused, where it stands, until it is resumed."""
    failure = Failed(cause=Cause.GONE, detail="HTTP 410")
    trouble = troubled(subscription.trouble, failure, at, pause=FIRST_PAUSE)
    return replace(subscription, state=SubscriptionState.PAUSED, trouble=trouble)


def _in_trouble(
    subscription: Subscription, trouble: Trouble, at: datetime, give_up_after: timedelta
) -> Subscription:
    over = trouble.cause.side is Side.RECEIVER and at - trouble.since >= give_up_after
    state = SubscriptionState.DISABLED if over else subscription.state
    return replace(subscription, trouble=trouble, state=state)


def _is_about_entry(cause: Cause) -> bool:
    return cause.side is Side.RECEIVER and cause is not Cause.BUSY


def _suspicion(before: Suspicion | None, attempt: Attempt, cause: Cause) -> Suspicion | None:
    if not _is_about_entry(cause):
        return before
    if len(attempt.entries) > 1:
        refused = cause is Cause.REFUSED
        return Suspicion(within=len(attempt.entries)) if refused else before
    refused = cause is Cause.REFUSED
    if before is None or (attempt.aim is Aim.NEXT and before.refused is not refused):
        before = Suspicion(within=before.within if before else 1, refused=refused)
    # A neighbour's failure counts too: the suspect and its neighbour are tried in turn.
    return replace(before, tries=before.tries + 1)


def _is_poison(before: Suspicion | None, after: Suspicion | None, attempt: Attempt) -> bool:
    if after is None or after == before or attempt.aim is not Aim.NEXT:
        return False
    known = after.refused or after.neighbour_passed
    return known and after.tries >= MOST_TRIES and len(attempt.entries) == 1


def _has_room(subscription: Subscription) -> bool:
    return len(subscription.parked) < MOST_PARKED


def _trouble(
    before: Trouble | None,
    suspicion: Suspicion | None,
    failure: Failed,
    at: datetime,
    chance: float,
) -> Trouble:
    failures = before.failures + 1 if before else 1
    if failure.cause is Cause.REFUSED and suspicion is not None:
        # The receiver is well: while the search narrows it need not be spared.
        failures = suspicion.tries
    return troubled(before, failure, at, pause=pause_after(failures, chance))

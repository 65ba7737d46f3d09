"""What a deliverer does to a subscription by itself is told: to its history and to operators."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

import structlog

from supervision_push.application.announcements import SYSTEM
from supervision_push.application.subscription_ports import Subscriptions
from supervision_push.domain.answer import Failed
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.subscription import Change, Subscription, SubscriptionState

log = structlog.get_logger()

DISABLED, PAUSED, ACTIVATED, PARKED = "disabled", "paused", "activated", "parked"
_OF_STATE = {
    SubscriptionState.DISABLED: DISABLED,
    SubscriptionState.PAUSED: PAUSED,
    SubscriptionState.ACTIVE: ACTIVATED,
}


async def save_told(
    before: Subscription,
    after: Subscription,
    entries: Sequence[StoredEntry],
    at: datetime,
    *,
    by: Subscriptions,
) -> bool:
    """Save what delivering these entries led to, with its line of history; false: it had moved."""
    change = _change_between(before, after, entries, at)
    saved = await by.save(before, after, change)
    if saved and change:
        _tell_change(change, after, entries)
    return saved


def _change_between(
    before: Subscription, after: Subscription, entries: Sequence[StoredEntry], at: datetime
) -> Change | None:
    """The line of history for what delivering these entries led to, if it is worth one."""
    cause = f"{after.trouble.cause}: {after.trouble.detail}" if after.trouble else ""
    if after.state is not before.state:
        return Change(at=at, by=SYSTEM, what=_OF_STATE[after.state], detail=cause)
    if len(after.parked) > len(before.parked):
        parked = after.parked[-1]
        detail = f"{entries[0].id}: {parked.cause}: {parked.detail}"
        return Change(at=at, by=SYSTEM, what=PARKED, detail=detail)
    return None


def _tell_change(
    change: Change, subscription: Subscription, entries: Sequence[StoredEntry]
) -> None:
    """For operators, who mend what no repetition mends; an id names the event, no party."""
    told = log.error if change.what in {DISABLED, PARKED} else log.warning
    told(
        f"subscription {change.what}",
        subscription=subscription.id,
        organisation=subscription.organisation,
        endpoint=_address(subscription.endpoint),
        cause=change.detail,
        oldest=entries[0].id if entries else None,
    )


def tell_failure(subscription: Subscription, failure: Failed) -> None:
    """One failed attempt; the subscription shows the same to its organisation."""
    log.warning(
        "delivery failed",
        subscription=subscription.id,
        side=failure.cause.side,
        cause=failure.cause,
        detail=failure.detail,
    )


def _address(endpoint: str | None) -> str | None:
    # A query may hold the receiver's own token.
    return urlsplit(endpoint)._replace(query="").geturl() if endpoint else None

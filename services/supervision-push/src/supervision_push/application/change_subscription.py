"""Change a subscription: its settings, its secret, whether it runs; each change is remembered."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from linkage_runtime.errors import PermanentError, TransientError
from supervision_push.application.subscription_ports import Subscriptions
from supervision_push.domain.subscription import FETCHED, Change, Subscription

TRIES = 20
"""A subscription that is being delivered writes its cursor between our reading and writing."""


class UnknownSubscriptionError(PermanentError):
    """The organisation has no such subscription."""


class NothingSentError(PermanentError):
    """On this channel nothing is sent that could be tried, or sent again."""


def require_sent(there: Subscription) -> None:
    """For what can only be done with a subscription that is sent its entries.

    Raises:
        NothingSentError: it is fetched.
    """
    if there.channel in FETCHED:
        raise NothingSentError(
            "拉取的订阅无须测试或重发,请用较早的游标重读 "
            "(nothing is sent on this channel: read again from an earlier cursor)"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Who changes which subscription, and what history shall say of it."""

    subscription_id: str
    organisation: str
    by: str
    what: str
    detail: str = ""


async def change_subscription(
    edit: Edit,
    step: Callable[[Subscription], Subscription],
    *,
    subscriptions: Subscriptions,
    clock: Callable[[], datetime],
) -> Subscription:
    """Take a step from wherever the subscription stands; one that leads nowhere is not recorded.

    Raises:
        UnknownSubscriptionError: the organisation has no such subscription.
        TransientError: it moved on faster than it could be changed.
    """
    for _ in range(TRIES):
        there = await subscriptions.find(edit.subscription_id)
        if there is None or there.organisation != edit.organisation:
            raise UnknownSubscriptionError
        after, at = step(there), clock()
        if after == there:
            return there
        after = replace(after, edited_at=at)
        change = Change(at=at, by=edit.by, what=edit.what, detail=edit.detail)
        if await subscriptions.save(there, after, change):
            return after
    raise TransientError("the subscription is busy")

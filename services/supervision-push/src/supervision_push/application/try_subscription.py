"""Send a signed test event now, and tell what came of it.

The event exists in transport only: it is on no topic and on no feed, so it is none of the
contracts' types. It is a CloudEvent all the same, alone in a batch, signed as every batch is.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from linkage_contracts.codes import Channel
from linkage_contracts.envelope import Event, Value
from linkage_contracts.ids import Id, stable_id
from supervision_push.application.announcements import SYSTEM, source, type_of
from supervision_push.application.change_subscription import (
    Edit,
    UnknownSubscriptionError,
    change_subscription,
    require_sent,
)
from supervision_push.application.feed_ports import Sender
from supervision_push.application.subscription_ports import Subscriptions
from supervision_push.domain.answer import Accepted, Outcome
from supervision_push.domain.cursor import BEFORE_FIRST
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.subscription import Subscription, SubscriptionState


class TriedSubscription(Value):
    """Which subscription is tested."""

    subscription_id: Id
    name: str
    channel: Channel


class SubscriptionTest(Event):
    """Nothing happened: answer 2xx if the signature verifies, and do nothing else."""

    type: Literal["linkage.subscription.test.v1"] = "linkage.subscription.test.v1"
    data: TriedSubscription


def trial_entry(subscription: Subscription, at: datetime) -> StoredEntry:
    """The test event, as a sender takes it."""
    event = SubscriptionTest(
        id=stable_id("subscription-test", subscription.id, at.isoformat()),
        source=source(SYSTEM),
        subject=subscription.id,
        time=at,
        recordedtime=at,
        partitionkey=subscription.organisation,
        emitter=SYSTEM,
        data=TriedSubscription(
            subscription_id=subscription.id,
            name=subscription.name,
            channel=subscription.channel,
        ),
    )
    return StoredEntry(
        id=event.id,
        recipient=subscription.organisation,
        partition=subscription.position.partition,
        offset=BEFORE_FIRST,
        party=None,
        type=type_of(SubscriptionTest),
        body=event.to_bytes(),
    )


async def try_subscription(
    subscription_id: str,
    organisation: str,
    by: str,
    *,
    subscriptions: Subscriptions,
    sender: Sender,
    clock: Callable[[], datetime],
) -> Outcome:
    """One attempt; what waited for it is active once it was answered.

    Raises:
        UnknownSubscriptionError: the organisation has no such subscription.
        NothingSentError: it is fetched.
    """
    there = await subscriptions.find(subscription_id)
    if there is None or there.organisation != organisation:
        raise UnknownSubscriptionError
    require_sent(there)
    outcome = await sender.send(there, [trial_entry(there, clock())])
    if isinstance(outcome, Accepted) and there.state is SubscriptionState.PENDING:
        edit = Edit(
            subscription_id=subscription_id, organisation=organisation, by=by, what="activated"
        )
        tested = there.endpoint

        def step(now: Subscription) -> Subscription:
            is_tested = now.state is SubscriptionState.PENDING and now.endpoint == tested
            return now.verified(clock()) if is_tested else now

        await change_subscription(edit, step, subscriptions=subscriptions, clock=clock)
    return outcome

"""Run one delivery per active subscription, and keep up with subscriptions that come and go."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from linkage_runtime.errors import TransientError
from supervision_push.application.feed_ports import Subscriptions
from supervision_push.domain.subscription import Subscription

log = structlog.get_logger()

REFRESH_SECONDS = 1.0
"""How soon a new subscription is served, and how long a delivery that failed on a bug rests."""

Deliver = Callable[[Subscription], Awaitable[None]]
Deliveries = dict[str, asyncio.Task[None]]


async def run_deliveries(
    *,
    subscriptions: Subscriptions,
    deliver: Deliver,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Run until cancelled; one subscription's failure is no other's."""
    running: Deliveries = {}
    try:
        while True:
            try:
                _keep_up(running, await subscriptions.active(), deliver)
            except TransientError as error:
                log.warning("subscriptions cannot be listed", cause=str(error))
            await sleep(REFRESH_SECONDS)
    finally:
        for task in running.values():
            task.cancel()
        await asyncio.gather(*running.values(), return_exceptions=True)


def _keep_up(running: Deliveries, active: list[Subscription], deliver: Deliver) -> None:
    wanted = {subscription.id: subscription for subscription in active}
    for subscription_id in [one for one in running if one not in wanted]:
        running.pop(subscription_id).cancel()
    for subscription_id, subscription in wanted.items():
        task = running.get(subscription_id)
        if task is not None and not task.done():
            continue
        if task is not None and not task.cancelled() and (bug := task.exception()):
            log.critical("delivery failed", subscription=subscription_id, exc_info=bug)
        running[subscription_id] = asyncio.create_task(_run(deliver, subscription))


async def _run(deliver: Deliver, subscription: Subscription) -> None:
    await deliver(subscription)

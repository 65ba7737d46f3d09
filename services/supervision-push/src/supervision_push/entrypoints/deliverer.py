"""The deliverer: hands feeds over on webhooks and on the organisations' own Kafka topics.

Several share the work. Where two believe to hold the same share for a moment, a cursor moves by
compare-and-set all the same, and what is delivered twice has the same ids.
"""

import asyncio
import signal
from uuid import uuid4

import uvloop

from linkage_runtime.clock import now
from linkage_runtime.logs import configure_logs
from linkage_runtime.probes import primary_answers, serve_probes
from linkage_runtime.traces import export_traces
from supervision_push.adapters.pushes.push_metrics import ACTS
from supervision_push.adapters.subscriptions.mongo_shares import MongoShareBook
from supervision_push.adapters.subscriptions.mongo_subscriptions import MongoSubscriptions
from supervision_push.application.deliver_feed import deliver_feed
from supervision_push.application.delivery_ports import Traffic
from supervision_push.application.hold_shares import ShareHolder
from supervision_push.application.run_deliveries import Deliveries
from supervision_push.bootstrap import declaring, unwire, wire
from supervision_push.bootstrap_deliveries import counting, delivery_ports, webhook_sender
from supervision_push.domain.subscription import Subscription
from supervision_push.settings import Settings
from supervision_push.wiring import Wiring

COUNTING_SHARE = 0
"""Whoever holds it counts for all."""


def main() -> None:
    """Deliver until told to stop."""
    settings = Settings()
    configure_logs("supervision-push-deliverer", settings.log_level)
    export_traces("supervision-push-deliverer", settings)
    uvloop.run(serve(settings))


async def serve(settings: Settings) -> None:
    """Deliver beside the probes; what is in flight at the end is delivered again."""
    wiring = wire(settings)
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    checks = {"mongo": primary_answers(wiring.client)}
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(serve_probes(settings, checks)),
                group.create_task(declaring(wiring, ACTS)),
                group.create_task(deliver(wiring)),
            ]
            await stop.wait()
            for task in tasks:
                task.cancel()
    finally:
        await unwire(wiring)


async def deliver(wiring: Wiring) -> None:
    """Run this deliverer's share of all deliveries until cancelled."""
    webhooks, traffic = webhook_sender(wiring), Traffic()
    ports = delivery_ports(wiring, webhooks, traffic)

    async def deliver_one(subscription: Subscription) -> None:
        await deliver_feed(subscription, by=ports[subscription.channel])

    deliveries = Deliveries(
        subscriptions=MongoSubscriptions(wiring.database),
        deliver=deliver_one,
        traffic=traffic,
        clock=now,
        shares=frozenset(),
    )
    holder = ShareHolder(
        deliverer=uuid4().hex, book=MongoShareBook(wiring.database), deliveries=deliveries
    )
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(holder.run())
            group.create_task(deliveries.run())
            group.create_task(counting(wiring, lambda: COUNTING_SHARE in deliveries.shares))
    finally:
        await webhooks.aclose()
        await holder.leave()


if __name__ == "__main__":
    main()

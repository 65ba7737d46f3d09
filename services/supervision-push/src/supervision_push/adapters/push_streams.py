"""The streams that this half reads: decisions to route, ratings to keep."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from linkage_contracts.ratings import Rating
from linkage_runtime.settlement import Handle, Message
from supervision_push.adapters.pushes.push_metrics import count_routed
from supervision_push.application.open_pushes import Routed
from supervision_push.application.plan_pushes import Arrived


def decision_handler(
    open_pushes: Callable[[Sequence[Arrived], datetime], Awaitable[Routed]],
    clock: Callable[[], datetime],
) -> Handle:
    """Route every decision of a batch."""

    async def handle(messages: Sequence[Message]) -> None:
        arrived = [Arrived(one.event, one.record.body or b"") for one in messages]
        count_routed(await open_pushes(arrived, clock()))

    return handle


def rating_handler(keep_classes: Callable[[Sequence[Rating]], Awaitable[None]]) -> Handle:
    """Keep every rating of a batch."""

    async def handle(messages: Sequence[Message]) -> None:
        await keep_classes([one.event.data for one in messages])

    return handle

"""Record that pushes left our hands on a channel: the first time only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from linkage_contracts.codes import Channel
from linkage_contracts.topics import PROGRESS
from supervision_push.application.announcements import SYSTEM, Telling
from supervision_push.application.ports import Publisher, PushLedger, Step
from supervision_push.application.step_announcements import changes, handed_over
from supervision_push.domain.entry import PushOutline
from supervision_push.domain.push import Push
from supervision_push.domain.steps import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """An organisation was handed these on a channel."""

    organisation: str
    pushes: Sequence[PushOutline]
    channel: Channel
    at: datetime

    @property
    def delivery(self) -> Delivery:
        """The same for all of them."""
        return Delivery(at=self.at, channel=self.channel)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """Those handed over for the first time."""

    plain: tuple[PushOutline, ...]
    """A delivery is all that became of them."""
    moved: tuple[tuple[Push, Push], ...]
    """Before, and after what their policy takes a delivery for (晋城)."""


async def record_deliveries(
    command: Deliveries, *, pushes: PushLedger, publisher: Publisher
) -> HandedOver:
    """Tell of each first delivery, and of the receipt that some policies take it for (晋城)."""
    outlines = {one.push_id: one for one in command.pushes}
    delivered = await pushes.delivered(outlines)
    fresh = [one for push_id, one in outlines.items() if push_id not in delivered]
    plain = [one for one in fresh if not one.moves]
    # A plain delivery moves nothing: telling it first and marking all with one write is enough, for
    # whoever dies in between delivers again and tells the same again.
    telling = Telling(emitter=SYSTEM, at=command.at)
    letters = [handed_over(one, command.delivery, telling) for one in plain]
    await publisher.publish(PROGRESS, [event for _, event in letters])
    await pushes.deliver([one.push_id for one in plain], command.channel, command.at)
    moved = await _move([one.push_id for one in fresh if one.moves], command, pushes=pushes)
    return HandedOver(plain=tuple(plain), moved=moved)


async def _move(
    push_ids: Sequence[str], command: Deliveries, *, pushes: PushLedger
) -> tuple[tuple[Push, Push], ...]:
    """Move those whose policy takes this for more; what is saved holds its own letters."""
    steps: list[Step] = []
    left = await pushes.undelivered(command.organisation, push_ids) if push_ids else []
    while left:
        steps = [_step(push, command) for push in left]
        if await pushes.save(steps) == len(steps):
            break
        left = await pushes.undelivered(command.organisation, push_ids)
    await pushes.flush(push_ids)
    return tuple((step.before, step.after) for step in steps)


def _step(push: Push, command: Deliveries) -> Step:
    after = push.deliver(command.delivery)
    telling = Telling(emitter=SYSTEM, at=command.at)
    return Step(before=push, after=after, letters=tuple(changes(push, after, telling)))

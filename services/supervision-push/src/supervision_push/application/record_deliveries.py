"""Record that pushes left our hands on a channel: the first time only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from linkage_contracts.codes import Channel
from linkage_contracts.topics import PROGRESS
from supervision_push.application.announcements import SYSTEM, Telling
from supervision_push.application.ports import Publisher, PushLedger, Step
from supervision_push.application.step_announcements import changes
from supervision_push.domain.push import Push
from supervision_push.domain.steps import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """An organisation was handed these on a channel."""

    organisation: str
    push_ids: Sequence[str]
    channel: Channel
    at: datetime


async def record_deliveries(
    command: Deliveries, *, pushes: PushLedger, publisher: Publisher
) -> list[tuple[Push, Push]]:
    """Tell of each first delivery, and of the receipt that some policies take it for (晋城).

    Returns:
        Those delivered for the first time, before and after.
    """
    found = await pushes.undelivered(command.organisation, command.push_ids)
    steps = [_step(push, command) for push in found]
    moved = [step for step in steps if step.after.state is not step.before.state]
    plain = [step for step in steps if step.after.state is step.before.state]
    # A plain delivery moves nothing: telling it first and marking all with one write is enough, for
    # whoever dies in between delivers again and tells the same again.
    await publisher.publish(PROGRESS, [event for step in plain for _, event in step.letters])
    await pushes.deliver([step.after.push_id for step in plain], command.channel, command.at)
    await _move(moved, command, pushes=pushes)
    return [(step.before, step.after) for step in steps]


async def _move(steps: Sequence[Step], command: Deliveries, *, pushes: PushLedger) -> None:
    delivered = [step.after.push_id for step in steps]
    while steps:
        if await pushes.save(steps) == len(steps):
            break
        again = await pushes.undelivered(command.organisation, delivered)
        steps = [_step(push, command) for push in again]
    await pushes.flush(delivered)


def _step(push: Push, command: Deliveries) -> Step:
    after = push.deliver(Delivery(at=command.at, channel=command.channel))
    telling = Telling(emitter=SYSTEM, at=command.at)
    return Step(before=push, after=after, letters=tuple(changes(push, after, telling)))

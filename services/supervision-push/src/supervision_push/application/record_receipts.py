"""Record receipts (签收): signed for by a clerk, or deemed by policy once the term passed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from supervision_push.application.act_on_pushes import Actor, Outcome, act_and_tell
from supervision_push.application.announcements import SYSTEM, Telling
from supervision_push.application.ports import PushLedger, Step
from supervision_push.application.step_announcements import changes
from supervision_push.domain.steps import Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReceipts:
    """A clerk signs for these."""

    push_ids: Sequence[str]
    by: str


async def record_receipts(command: RecordReceipts, *, actor: Actor, pushes: PushLedger) -> Outcome:
    """Sign for each push; a second receipt changes nothing."""
    receipt = Receipt(at=actor.at, by=command.by)
    return await act_and_tell(
        command.push_ids, lambda push: push.receive(receipt), actor=actor, pushes=pushes
    )


async def deem_receipts(at: datetime, limit: int, *, pushes: PushLedger) -> int:
    """Take for received what nobody signed for in time, where policy says so.

    Returns:
        How many were found; as many as ``limit`` means that there may be more.
    """
    lapsed = await pushes.lapsing(at, limit)
    telling = Telling(emitter=SYSTEM, at=at)
    steps = []
    for push in lapsed:
        after = push.deem_received(push.deem_at or at)
        steps.append(Step(before=push, after=after, letters=tuple(changes(push, after, telling))))
    # Whoever moved meanwhile either signed or returned it: there is nothing left to deem.
    await pushes.save(steps)
    await pushes.flush([push.push_id for push in lapsed])
    return len(lapsed)

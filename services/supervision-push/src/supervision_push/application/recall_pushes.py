"""Recall what an ended decision (撤回, 撤销, 注销) leaves without an object."""

from collections.abc import Sequence
from dataclasses import dataclass

from supervision_push.application.announcements import Telling, recalled
from supervision_push.application.ports import PushLedger, Step
from supervision_push.domain.ending import Ending
from supervision_push.domain.push import Push
from supervision_push.domain.steps import PushState, Recall


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """Recalled pushes, and how many of them were recalled this time."""

    pushes: tuple[Push, ...]
    now: int


async def recall_pushes(
    endings: Sequence[Ending], *, pushes: PushLedger, telling: Telling | None = None
) -> Gone:
    """Recall what was decided before these endings and still stands.

    Args:
        endings: one of each decision.
        pushes: where they are recalled.
        telling: let each recalled push hold what is to be told of it; else the caller tells it.

    Returns:
        All that these endings recalled, now or earlier: whoever repeats this tells the same again.
    """
    if not endings:
        return Gone(pushes=(), now=0)
    recalled_now = 0
    ending_of = {ending.decision_id: ending for ending in endings}
    while True:
        found = await pushes.ended(endings)
        steps = [
            _step(push, ending_of[push.decision_id], telling)
            for push in found
            if push.state is not PushState.RECALLED
        ]
        if not steps:
            return Gone(pushes=tuple(found), now=recalled_now)
        recalled_now += await pushes.save(steps)


def _step(push: Push, ending: Ending, telling: Telling | None) -> Step:
    recall = Recall(at=ending.at, ended_by=ending.event_id, reason=ending.reason)
    after = push.recall(recall)
    return Step(before=push, after=after, letters=recalled(after, telling) if telling else ())

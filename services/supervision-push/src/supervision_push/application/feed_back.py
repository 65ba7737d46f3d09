"""Record feedback (反馈): one duty of one push was done, with what came out."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from linkage_contracts.codes import Duty
from supervision_push.application.act_on_pushes import Actor, Outcome, act_and_tell
from supervision_push.application.ports import PushLedger
from supervision_push.domain.push import Push
from supervision_push.domain.steps import Feedback


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyDone:
    """What came out of one duty of one push."""

    push_id: str
    duty: Duty
    outcome: str
    note: str | None = None
    result_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedBack:
    """A clerk feeds back on some pushes, perhaps on several duties of one."""

    duties: Sequence[DutyDone]
    by: str


async def feed_back(command: FeedBack, *, actor: Actor, pushes: PushLedger) -> Outcome:
    """Record each; a second, equal one changes nothing, a different one is refused."""
    of_push: dict[str, list[Feedback]] = defaultdict(list)
    for one in command.duties:
        of_push[one.push_id].append(_feedback(one, command.by, actor))
    outcome = Outcome()
    # One duty of each push at a time: a refusal of one must not cost the others.
    for wave in zip_longest(*of_push.values()):
        of_wave = {
            push_id: fed for push_id, fed in zip(of_push, wave, strict=True) if fed is not None
        }
        outcome = outcome.and_(await _take(of_wave, actor=actor, pushes=pushes))
    return outcome


async def _take(wave: Mapping[str, Feedback], *, actor: Actor, pushes: PushLedger) -> Outcome:
    def act(push: Push) -> Push:
        return push.feed_back(wave[push.push_id])

    return await act_and_tell(wave, act, actor=actor, pushes=pushes)


def _feedback(one: DutyDone, by: str, actor: Actor) -> Feedback:
    return Feedback(
        duty=one.duty,
        at=actor.at,
        by=by,
        outcome=one.outcome,
        note=one.note,
        result_id=one.result_id,
    )

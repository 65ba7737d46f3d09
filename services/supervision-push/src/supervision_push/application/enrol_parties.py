"""Record that the party is under supervision (纳入监管)."""

from collections.abc import Mapping
from dataclasses import dataclass

from supervision_push.application.act_on_pushes import Actor, Outcome, act_and_tell
from supervision_push.application.ports import PushLedger
from supervision_push.domain.push import Push
from supervision_push.domain.steps import Enrolment


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolParties:
    """A clerk enrolled the parties of these pushes, each under a note (纳管编号) if it has one."""

    notes: Mapping[str, str | None]
    by: str


async def enrol_parties(command: EnrolParties, *, actor: Actor, pushes: PushLedger) -> Outcome:
    """Enrol the party of each push; a second enrolment changes nothing."""

    def act(push: Push) -> Push:
        note = command.notes[push.push_id]
        return push.enrol(Enrolment(at=actor.at, by=command.by, note=note))

    return await act_and_tell(command.notes, act, actor=actor, pushes=pushes)

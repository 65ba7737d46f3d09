"""Record that the party is under supervision (纳入监管)."""

from collections.abc import Sequence
from dataclasses import dataclass

from supervision_push.application.act_on_pushes import Actor, Outcome, act_on_pushes
from supervision_push.application.ports import PushLedger
from supervision_push.domain.steps import Enrolment


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolParties:
    """A clerk enrolled the parties of these pushes."""

    push_ids: Sequence[str]
    by: str
    note: str | None = None


async def enrol_parties(command: EnrolParties, *, actor: Actor, pushes: PushLedger) -> Outcome:
    """Enrol the party of each push; a second enrolment changes nothing."""
    enrolment = Enrolment(at=actor.at, by=command.by, note=command.note)
    outcome = await act_on_pushes(
        command.push_ids, lambda push: push.enrol(enrolment), actor=actor, pushes=pushes
    )
    await pushes.flush(outcome.done)
    return outcome

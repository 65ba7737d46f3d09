"""Return results (结果退回): not ours, or unfounded in form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from approval_events.application.acts import Actor, Acts, admit_acts
from approval_events.application.result_acts import owned
from approval_events.application.result_events import about, envelope
from approval_events.application.result_ports import Admission, IncomingResults
from approval_events.domain.result_acts import IncomingResult
from linkage_contracts.actions import Refusal, ResultReturned
from linkage_contracts.ids import stable_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnResults:
    """Return these, for one reason."""

    result_ids: Sequence[str]
    by: str
    reason: str
    actor: Actor
    at: datetime


async def return_results(command: ReturnResults, *, results: IncomingResults) -> Acts:
    """Return each that was not received; the same return again is done already."""

    def propose(result: IncomingResult) -> Admission | None:
        is_new = owned(result, command.actor).check_returnable(command.by, command.reason)
        return _admission(result, command) if is_new else None

    acts, _ = await admit_acts(command.result_ids, propose, store=results)
    return acts


def _admission(result: IncomingResult, command: ReturnResults) -> Admission:
    event_id = stable_id("result-returned", result.result_id)
    return Admission(
        subject_id=result.result_id,
        step="returned",
        content={"by": command.by, "reason": command.reason},
        event=ResultReturned(
            **envelope(result, event_id, command.actor.organisation, command.at),
            data=Refusal(**about(result, command.by), reason=command.reason),
        ),
    )

"""Receive results (结果签收): the bureau signs for what supervision found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from approval_events.application.acts import Actor, Acts, admit_acts
from approval_events.application.ports import Measurements
from approval_events.application.result_acts import measure_gap, owned
from approval_events.application.result_events import about, envelope
from approval_events.application.result_ports import Admission, IncomingResults
from approval_events.domain.result_acts import IncomingResult
from linkage_contracts.actions import Reception, ResultReceived
from linkage_contracts.ids import stable_id

RESULT_TO_RECEIVED = "result_to_received"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveResults:
    """Sign for these; ``by`` is the clerk."""

    result_ids: Sequence[str]
    by: str
    actor: Actor
    at: datetime


async def receive_results(
    command: ReceiveResults, *, results: IncomingResults, measurements: Measurements
) -> Acts:
    """Sign for each that may be signed for; the same clerk's repeat is done already."""

    def propose(result: IncomingResult) -> Admission | None:
        return (
            _admission(result, command)
            if owned(result, command.actor).check_receivable(command.by)
            else None
        )

    acts, acted = await admit_acts(command.result_ids, propose, store=results)
    measure_gap(RESULT_TO_RECEIVED, acted, command.at, measurements)
    return acts


def _admission(result: IncomingResult, command: ReceiveResults) -> Admission:
    event_id = stable_id("result-received", result.result_id)
    return Admission(
        subject_id=result.result_id,
        step="received",
        content={"by": command.by},
        event=ResultReceived(
            **envelope(result, event_id, command.actor.organisation, command.at),
            data=Reception(**about(result, command.by)),
        ),
    )

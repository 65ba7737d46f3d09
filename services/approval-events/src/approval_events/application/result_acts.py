"""What the three acts on results share: whose a result is, and how long it waited."""

from collections.abc import Sequence
from datetime import datetime

from approval_events.application.acts import Actor
from approval_events.application.ports import Measurements
from approval_events.domain.refusals import NotYoursError
from approval_events.domain.result_acts import IncomingResult


def owned(result: IncomingResult, actor: Actor) -> IncomingResult:
    """The result, if it goes back to the actor.

    Raises:
        NotYoursError: it goes back to another authority.
    """
    if result.authority not in actor.organisations:
        raise NotYoursError(
            result.result_id, "不是本机关的监管结果", "it goes back to another authority"
        )
    return result


def measure_gap(
    name: str, acted: Sequence[IncomingResult], at: datetime, measurements: Measurements
) -> None:
    """How long each of these results waited."""
    for result in acted:
        measurements.gap(name, result.recorded_at, at, authority=result.authority)

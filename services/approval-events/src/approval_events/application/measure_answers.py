"""Count what was answered: by status and rule, by region and item, and how late it came."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

from approval_events.application.answers import Answer
from approval_events.application.ports import Measurements
from linkage_contracts.decisions import DecisionEvent
from linkage_runtime.clock import SHANGHAI

DECIDED_TO_ACCEPTED = "decided_to_accepted"

Place = tuple[str, Sequence[str]]
"""A region and the codes of items, as they were sent."""
_NOWHERE: Place = ("", ())


def place_of(event: DecisionEvent) -> Place:
    """What a decision says of itself."""
    return event.data.region, [item.code for item in event.data.items]


def measure(
    answers: Sequence[Answer],
    accepted: Sequence[DecisionEvent],
    places: Mapping[int, Place],
    measurements: Measurements,
) -> None:
    """``places``: of answers, by row, that are about none of the accepted events."""
    events = {event.id: place_of(event) for event in accepted}
    for answer in answers:
        measurements.answered(answer.status, (fault.rule for fault in answer.faults))
        if answer.unverified:
            measurements.unverified(answer.unverified.trouble)
    measurements.placed(
        (
            answer.status,
            *(places.get(answer.row) or events.get(answer.event_id or "", _NOWHERE)),
        )
        for answer in answers
    )
    for event in accepted:
        measurements.flagged(str(found.rule) for found in event.data.irregularities)
        # A decision has a day and no hour: counted from the day's end, the same day is no delay.
        day_after = event.data.effective_on + timedelta(days=1)
        measurements.gap(
            DECIDED_TO_ACCEPTED,
            datetime.combine(day_after, time.min, tzinfo=SHANGHAI),
            event.data.accepted_at,
            authority=event.data.authority.id,
            items=events[event.id][1],
        )

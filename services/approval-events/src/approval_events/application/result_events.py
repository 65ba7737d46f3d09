"""What all events about results have in common."""

from datetime import datetime
from typing import Any

from approval_events.domain.result_acts import IncomingResult


def envelope(result: IncomingResult, event_id: str, emitter: str, at: datetime) -> dict[str, Any]:
    """The envelope of an act that the bureau does now."""
    return {
        "id": event_id,
        "source": f"/organisations/{result.authority}",
        "subject": result.decision_id,
        "time": at,
        "recordedtime": at,
        "partitionkey": result.party,
        "emitter": emitter,
        "traceparent": result.traceparent,
    }


def about(result: IncomingResult, by: str) -> dict[str, Any]:
    """Which result, and who acts."""
    return {
        "result_id": result.result_id,
        "result_type": result.result_type,
        "decision_id": result.decision_id,
        "authority": result.authority,
        "supervisor": result.supervisor,
        "by": by,
    }

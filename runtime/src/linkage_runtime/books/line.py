"""One event of the log, down to what the books need of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pydantic_core import from_json

from linkage_contracts.ids import finding_id

_NAMES = (
    *("push_id", "pool_id", "resolves", "result_id", "decision_id", "decision_event_id"),
    *("recipient", "authority", "supervisor", "organisation", "to", "escalation_id"),
    *("party", "risk_class", "previous_class", "class_since", "reasons"),
    *("kind", "commitment", "outcome", "result_type", "is_upheld", "round", "duty"),
    *("irregularities", "finding_id", "accepted_at", "tolerance", "due_on", "clears", "about"),
)


DECISION_KINDS = ("issued", "amended", "renewed", "withdrawn", "annulled", "deregistered")
RESULT_KINDS = (
    *("inspection-recorded", "penalty-imposed", "rectification-ordered"),
    *("rectification-ended", "commitment-broken", "clue-raised", "action-requested"),
)
_DECISIONS = frozenset(f"decision.{kind}" for kind in DECISION_KINDS)
_RESULTS = frozenset(f"result.{kind}" for kind in RESULT_KINDS)


class Line(NamedTuple):
    """What an event says, by the names of its fields."""

    id: str
    type: str
    subject: str
    key: str
    """Its Kafka key: on feeds the recipient, elsewhere the party."""
    recorded_at: datetime
    data: Mapping[str, Any]

    @property
    def what(self) -> str:
        """Its type without ``linkage.`` and ``.v1``."""
        return self.type.removeprefix("linkage.").removesuffix(".v1")

    @property
    def authority(self) -> str:
        """The approving authority, where the event names one."""
        return organisation_in(self.data.get("authority"))


def line_of(body: bytes | None) -> Line | None:
    """The line of a record; ``None`` where the bytes are no event."""
    try:
        event = from_json(body or b"")
        data = event["data"]
        # A result that was forwarded stands whole inside its notice.
        inner = data.get("found", {}).get("data", {}) | data.get("result", {}) | data
        refs = {name: inner[name] for name in _NAMES if name in inner}
        at = datetime.fromisoformat(event["recordedtime"])
        return Line(event["id"], event["type"], event["subject"], event["partitionkey"], at, refs)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def organisation_in(value: Any) -> str:  # noqa: ANN401 -- as it stands in JSON
    """The id of an organisation, which some events give with its name and others alone."""
    return str(value.get("id", "")) if isinstance(value, Mapping) else str(value or "")


def is_decision(line: Line) -> bool:
    """Whether a bureau decided something, not what else is said about decisions."""
    return line.what in _DECISIONS


def is_result(line: Line) -> bool:
    """Whether supervision found something, not what became of it."""
    return line.what in _RESULTS


def raised_by(line: Line) -> list[str]:
    """One finding for each rule of approval that a decision event breaks."""
    if not is_decision(line):
        return []
    return [finding_id(line.id, broken["rule"]) for broken in line.data.get("irregularities", ())]

"""One event of the log, down to what the books need of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pydantic_core import from_json

_NAMES = (
    *("push_id", "pool_id", "resolves", "result_id", "decision_id", "decision_event_id"),
    *("recipient", "authority", "supervisor", "organisation", "to", "escalation_id"),
    *("party", "risk_class", "previous_class", "class_since", "reasons", "kind", "commitment", "outcome"),
    *("irregularities", "finding_id", "accepted_at", "round", "duty", "is_upheld"),
)


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

"""How an event is read into a fact: its place, its time, and those of its fields that are kept."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

from approval_events.domain.facts import Fact, FactKind
from linkage_contracts.envelope import Event

Reading = Callable[[Event], Fact | None]


def fact_of(
    event: Event, kind: FactKind, key: str, at: datetime, detail: Mapping[str, object]
) -> Fact | None:
    """What an event says; one about no decision says nothing of a linkage."""
    data = data_of(event)
    if data.decision_id is None:
        return None
    authority = getattr(data, "authority", None)
    return Fact(
        linkage=data.decision_id,
        kind=kind,
        key=key,
        at=at,
        id=event.id,
        detail={
            "type": event.type,
            **{name: value for name, value in detail.items() if value is not None},
        },
        authority=authority if isinstance(authority, str) else getattr(authority, "id", None),
    )


def data_of(event: Event) -> Any:  # noqa: ANN401 -- each type has its own
    """What an event is about."""
    return cast("Any", event).data


def reading_of(kind: FactKind, key: str | None, *fields: str) -> Reading:
    """Reads an event into the place that its data's ``key`` names, or else its own id."""

    def read(event: Event) -> Fact | None:
        data = data_of(event)
        detail = {field: _plain(getattr(data, field)) for field in fields}
        return fact_of(event, kind, getattr(data, key) if key else event.id, event.time, detail)

    return read


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [str(getattr(part, "code", part)) for part in value]
    if isinstance(value, bool | int | datetime) or value is None:
        return value
    return str(value)

"""Subscriptions as callers write and read them."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from linkage_contracts.codes import RiskClass
from linkage_contracts.topics import FEEDS
from linkage_runtime.sent import PlausibleMoment
from supervision_push.application.announcements import type_of
from supervision_push.application.subscribe import Start
from supervision_push.domain.answer import Accepted, Failed, Gone, Outcome
from supervision_push.domain.preferences import BATCH_ENTRIES, Filter, Preferences
from supervision_push.domain.subscription import Change, Subscription


def _known(entry_type: str) -> str:
    if entry_type not in _TYPES:
        raise PydanticCustomError("enum", "not an entry type", {"expected": ", ".join(_TYPES)})
    return entry_type


def _one_fault(value: object, choose: ValidatorFunctionWrapHandler) -> object:
    try:
        return choose(value)
    except ValidationError as error:
        raise PydanticCustomError("start", _NO_START) from error


_NO_START = "须为 beginning、now 或带时区的时间 (beginning, now, or an RFC 3339 time with its zone)"
Region = Annotated[str, StringConstraints(pattern=r"^(\d{6}|\d{9}|\d{12})$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40)]
_TYPES = [type_of(entry) for entry in FEEDS.event_types]
EntryType = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": _TYPES})]
Chosen = Annotated[tuple[Code, ...], Field(max_length=2_000)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WantedFilter(_Strict):
    """An empty list lets everything through."""

    items: Chosen = ()
    regions: Annotated[tuple[Region, ...], Field(max_length=2_000)] = ()
    types: tuple[EntryType, ...] = ()
    risk_classes: tuple[RiskClass, ...] = ()

    def as_filter(self) -> Filter:
        """For the domain."""
        return Filter(
            items=frozenset(self.items),
            regions=frozenset(self.regions),
            types=frozenset(self.types),
            risk_classes=frozenset(self.risk_classes),
        )


class Settings(_Strict):
    """What may be chosen at first, and changed later."""

    endpoint: Annotated[str | None, Field(max_length=2_000)] = None
    filter: WantedFilter = WantedFilter()
    batch_size: Annotated[int, Field(ge=1, le=1_000)] = BATCH_ENTRIES
    delay_seconds: Annotated[float, Field(ge=0, le=60)] = 0.0
    requests_per_second: Annotated[float | None, Field(ge=0.01, le=1_000)] = None

    def as_preferences(self) -> Preferences:
        """For the domain."""
        return Preferences(
            filter=self.filter.as_filter(),
            batch_size=self.batch_size,
            delay=timedelta(milliseconds=round(self.delay_seconds * 1000)),
            rate=self.requests_per_second,
        )


class Wanted(Settings):
    """A webhook has an endpoint; a Kafka topic is named by this system.

    ``pull`` and ``sse`` are fetched: a cursor kept under a name, at the reader's own pace.
    """

    channel: Literal["webhook", "kafka", "pull", "sse"]
    name: Annotated[str, Field(max_length=100)] = ""
    """Tells several of one organisation apart: a district office, a data warehouse."""
    start: Annotated[Start | PlausibleMoment, WrapValidator(_one_fault)] = Start.BEGINNING


class Replayed(_Strict):
    """The window; ``to`` is the present where it is not given."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    start: Annotated[PlausibleMoment, Field(alias="from")]
    end: Annotated[PlausibleMoment | None, Field(alias="to")] = None
    dry_run: bool = True
    """Only count; the default, so that nobody floods a system by mistake."""


class Redelivered(_Strict):
    """Which party's: the offset that the list of parked entries shows; of all, without one."""

    offset: Annotated[int | None, Field(ge=0)] = None


class Discarded(_Strict):
    """The one entry that is given up, and why."""

    offset: Annotated[int, Field(ge=0)]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


def view(one: Subscription) -> dict[str, Any]:
    """As its organisation sees it: everything but the secret."""
    trouble, preferences = one.trouble, one.preferences
    shown = {
        "id": one.id,
        "channel": one.channel,
        "name": one.name or None,
        "endpoint": one.endpoint,
        "topic": one.topic,
        "state": one.state,
        "filter": settings_of(one)["filter"],
        "batch_size": preferences.batch_size,
        "delay_seconds": preferences.delay.total_seconds(),
        "requests_per_second": preferences.rate,
        "cursor": one.position.encode(),
        "created_at": one.created_at,
        "verified_at": one.verified_at,
        "delivered_at": one.delivered_at,
        "last_answer": None if one.processed is None else _WORDS[one.processed],
        "old_secret_until": one.old_secret_until,
        "pace": one.pace,
        "parked": len(one.parked),
        "replaying": one.replay is not None,
        "trouble": trouble
        and {
            "failures": trouble.failures,
            "since": trouble.since,
            "side": trouble.cause.side,
            "cause": trouble.cause,
            "detail": trouble.detail,
            "retry_at": trouble.retry_at,
        },
    }
    return {key: value for key, value in shown.items() if value is not None}


def settings_of(one: Subscription) -> dict[str, Any]:
    """The settings as they would be written: what a change starts from."""
    preferences = one.preferences
    chosen = preferences.filter
    return {
        "endpoint": one.endpoint,
        "filter": {
            "items": sorted(chosen.items),
            "regions": sorted(chosen.regions),
            "types": sorted(chosen.types),
            "risk_classes": sorted(chosen.risk_classes),
        },
        "batch_size": preferences.batch_size,
        "delay_seconds": preferences.delay.total_seconds(),
        "requests_per_second": preferences.rate,
    }


def outcome_view(outcome: Outcome) -> dict[str, Any]:
    """What came of a test."""
    match outcome:
        case Accepted(processed=processed):
            return {"outcome": _WORDS[processed]}
        case Failed(cause=cause, detail=detail):
            return {"outcome": "failed", "side": cause.side, "cause": cause, "detail": detail}
        case Gone():
            return {"outcome": "gone"}


def change_view(change: Change) -> dict[str, Any]:
    """A line of history."""
    shown = {"at": change.at, "by": change.by, "what": change.what, "detail": change.detail}
    return {key: value for key, value in shown.items() if value}


_WORDS = {True: "processed", False: "accepted"}

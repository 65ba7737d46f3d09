"""A push as the events about it tell it, whatever order they are read in."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from linkage_contracts.envelope import Event
from linkage_contracts.progress import (
    FedBack,
    PartyEnrolled,
    PushDelivered,
    PushFedBack,
    PushRecalled,
    PushReceived,
    PushReturned,
    Returned,
)
from supervision_push.domain.ending import Ending
from supervision_push.domain.push import OutOfOrderError, Push
from supervision_push.domain.steps import Delivery, Enrolment, Feedback, Recall, Receipt, Return

_ORDER: tuple[type[Event], ...] = (
    *(PushDelivered, PushReceived, PushReturned, PartyEnrolled, PushFedBack, PushRecalled),
)
"""Of one moment: a receipt that an enrolment implied was first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retold:
    """A push, and its delivery if that moved nothing: such are kept beside the pushes."""

    push: Push
    delivery: Delivery | None = None


def retold(push: Push, events: Iterable[Event], ending: Ending | None) -> Retold:
    """The push after all that these events tell of it; what it knows already changes nothing.

    What was admitted once is never refused: only an event out of its order is left out, and then
    another of the same moment has been told in its place.
    """
    beside, told = None, tuple(events)
    signed = any(isinstance(one, PushReceived) for one in told)
    for event in sorted(told, key=lambda one: _place(one, signed=signed)):
        before = push
        with suppress(OutOfOrderError):
            push = _step(push, event, ending)
        if push.delivery is not before.delivery and push.state is before.state:
            beside = push.delivery
    return Retold(push=push if beside is None else replace(push, delivery=None), delivery=beside)


def _place(event: Event, *, signed: bool) -> tuple[int, datetime, int]:
    """A recall is dated by its decision, and comes last: what was told at all was admitted before.

    But for a delivery that no receipt followed: before the recall, policy might have deemed one.
    """
    late = 1 if isinstance(event, PushRecalled) else 0
    if isinstance(event, PushDelivered) and not signed:
        late = 2
    kind = type(event)
    return late, event.time, _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


def _step(push: Push, event: Event, ending: Ending | None) -> Push:
    at = event.time
    match event:
        case PushDelivered(data=told):
            push = push.deliver(Delivery(at=at, channel=told.channel))
        case PushReceived(data=told):
            push = push.receive(Receipt(at=at, by=told.by, deemed=told.deemed))
        case PushReturned(data=told):
            push = push.return_(_return(told, at))
        case PartyEnrolled(data=told):
            push = push.enrol(Enrolment(at=at, by=told.by, note=told.note))
        case PushFedBack(data=told):
            push = push.feed_back(_feedback(told, at))
        case PushRecalled(data=told):
            at, by = (ending.at, ending.event_id) if ending else (at, push.event_id)
            push = push.recall(Recall(at=at, ended_by=by, reason=told.reason))
        case _:
            pass
    return push


def _return(told: Returned, at: datetime) -> Return:
    return Return(
        at=at, by=told.by, reason=told.reason, pool_id=told.pool_id, suggested=told.suggested
    )


def _feedback(told: FedBack, at: datetime) -> Feedback:
    return Feedback(
        duty=told.duty,
        at=at,
        by=told.by,
        outcome=told.outcome,
        note=told.note,
        result_id=told.result_id,
    )

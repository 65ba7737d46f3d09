"""What is told of each step of a push: delivered, received, returned, enrolled, fed back."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from linkage_contracts.ids import stable_id
from linkage_contracts.progress import (
    Delivered,
    Enrolled,
    FedBack,
    PartyEnrolled,
    PushDelivered,
    PushFedBack,
    PushReceived,
    PushRef,
    PushReturned,
    Received,
    Returned,
)
from linkage_contracts.topics import PROGRESS
from supervision_push.application.announcements import Telling, envelope, ref, type_of
from supervision_push.application.ports import Letter
from supervision_push.domain.entry import PushOutline
from supervision_push.domain.push import Push
from supervision_push.domain.steps import Delivery, Feedback, Return

_Told = tuple[Any, datetime, PushRef]
"""The class of an event, when its fact occurred, and its data."""


def changes(before: Push, after: Push, telling: Telling) -> Iterator[Letter]:
    """Everything that is in ``after`` and was not in ``before``; recalls are told elsewhere."""
    for type_, at, data in _steps(before, after):
        # One receipt, return and so on of each push, and one feedback on each of its duties.
        duty = (data.duty,) if isinstance(data, FedBack) else ()
        cause = stable_id(type_of(type_), after.push_id, *duty)
        yield (
            PROGRESS,
            type_(**envelope(after, cause, at, after.recipient, telling), data=data),
        )


def handed_over(push: PushOutline, delivery: Delivery, telling: Telling) -> Letter:
    """The push left our hands; that is all that became of it."""
    cause = stable_id(type_of(PushDelivered), push.push_id)
    told = envelope(push, cause, delivery.at, push.recipient, telling)
    return PROGRESS, PushDelivered(**told, data=Delivered(**ref(push), channel=delivery.channel))


def _steps(before: Push, after: Push) -> Iterator[_Told]:
    about = ref(after)
    if (delivery := after.delivery) and not before.delivery:
        yield PushDelivered, delivery.at, Delivered(**about, channel=delivery.channel)
    if (receipt := after.receipt) and not before.receipt:
        received = Received(**about, by=receipt.by, deemed=receipt.deemed)
        yield PushReceived, receipt.at, received
    if (returned := after.returned) and not before.returned:
        yield PushReturned, returned.at, _returned(about, returned)
    if (enrolment := after.enrolment) and not before.enrolment:
        enrolled = Enrolled(**about, by=enrolment.by, note=enrolment.note)
        yield PartyEnrolled, enrolment.at, enrolled
    for feedback in after.feedback[len(before.feedback) :]:
        yield PushFedBack, feedback.at, _fed_back(about, feedback)


def _returned(about: dict[str, Any], returned: Return) -> Returned:
    return Returned(
        **about,
        by=returned.by,
        reason=returned.reason,
        suggested=returned.suggested,
        pool_id=returned.pool_id,
    )


def _fed_back(about: dict[str, Any], feedback: Feedback) -> FedBack:
    return FedBack(
        **about,
        by=feedback.by,
        duty=feedback.duty,
        outcome=feedback.outcome,
        note=feedback.note,
        result_id=feedback.result_id,
    )

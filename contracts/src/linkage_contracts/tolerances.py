"""What was accepted with materials missing (容缺), and what became of it.

Expired when its clock ran out, which is told once for each day that it was due on; supplemented by
the bureau's word or by a later version without the gap; terminated likewise.
"""

from datetime import date
from typing import Literal

from linkage_contracts.envelope import Event, Value
from linkage_contracts.ids import Id


class ToleranceRef(Value):
    """What was missing from which decision."""

    supplement_id: Id
    decision_id: Id
    authority: str
    decision_event_id: Id | None = None
    """The version of the decision that says so, where nobody said it by hand."""


class Expiry(ToleranceRef):
    """容缺逾期."""

    due_on: date


class Supplementing(ToleranceRef):
    """补正: the day on which the materials were there, however late it is recorded."""

    by: str
    on: date
    document_number: str | None = None
    note: str | None = None
    clears: tuple[date, ...] = ()
    """In time: every day that it was ever due on, none of which counts as overdue."""


class Termination(ToleranceRef):
    """终止: nothing more can come of it."""

    by: str
    on: date
    document_number: str
    ground: str
    note: str | None = None


class ToleranceExpired(Event):
    """What was missing did not come in time."""

    type: Literal["linkage.action.tolerance-expired.v1"] = "linkage.action.tolerance-expired.v1"
    data: Expiry


class ToleranceSupplemented(Event):
    """What was missing has come."""

    type: Literal["linkage.action.tolerance-supplemented.v1"] = (
        "linkage.action.tolerance-supplemented.v1"
    )
    data: Supplementing


class ToleranceTerminated(Event):
    """It was terminated for want of what was missing."""

    type: Literal["linkage.action.tolerance-terminated.v1"] = (
        "linkage.action.tolerance-terminated.v1"
    )
    data: Termination


ToleranceEvent = ToleranceExpired | ToleranceSupplemented | ToleranceTerminated

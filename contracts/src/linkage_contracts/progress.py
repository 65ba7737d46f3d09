"""Topic ``supervision.progress.v1``: what became of each push, and of each result sent back."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from linkage_contracts.codes import Channel, Duty
from linkage_contracts.deadlines import (
    DeadlineChanged,
    DeadlineEscalated,
    DeadlineOverdue,
    DeadlineWarned,
    EscalationAnswered,
)
from linkage_contracts.decisions import Item
from linkage_contracts.envelope import Event, Value
from linkage_contracts.ids import Id


class PushRef(Value):
    """Which push this is about."""

    push_id: Id
    decision_id: Id
    decision_event_id: Id
    authority: str
    """The approving authority."""
    recipient: str
    """The supervising authority."""


class Opened(PushRef):
    """A push exists from now on, with all that it owes."""

    round: int = 0
    items: tuple[Item, ...] = ()
    owes: tuple[Duty, ...] = ()
    resolves: Id | None = None
    """The pool entry (an unrouted or returned push) that this one settles."""


class Delivered(PushRef):
    """An entry left our hands; not yet a receipt."""

    channel: Channel


class Received(PushRef):
    """签收: signed for by a named clerk, or deemed so by the authority's policy."""

    by: str
    deemed: bool = False


class Returned(PushRef):
    """退回: not ours. It waits in the pool until somebody claims it or it is rerouted."""

    by: str
    reason: str
    suggested: str | None = None
    pool_id: Id


class Recalled(PushRef):
    """The decision was annulled, or the push went to somebody else."""

    reason: str


class Enrolled(PushRef):
    """纳入监管."""

    by: str
    note: str | None = None


class FedBack(PushRef):
    """反馈: one duty was done, with what came out."""

    by: str
    duty: Duty
    outcome: str
    note: str | None = None
    result_id: Id | None = None


class Unrouted(Value):
    """No authority is competent for these items: they wait in the pool to be claimed 认领."""

    pool_id: Id
    decision_id: Id
    decision_event_id: Id
    authority: str
    items: tuple[Item, ...] = ()
    reason: str


class Forwarded(Value):
    """A result, or the report on it, now stands on the other side's feed."""

    result_id: Id
    decision_id: Id | None = None
    to: str
    at: AwareDatetime


class PushOpened(Event):
    """A push was opened."""

    type: Literal["linkage.push.opened.v1"] = "linkage.push.opened.v1"
    data: Opened


class PushDelivered(Event):
    """A push was handed over on some channel."""

    type: Literal["linkage.push.delivered.v1"] = "linkage.push.delivered.v1"
    data: Delivered


class PushReceived(Event):
    """A push was signed for (签收)."""

    type: Literal["linkage.push.received.v1"] = "linkage.push.received.v1"
    data: Received


class PushReturned(Event):
    """A push was returned (退回)."""

    type: Literal["linkage.push.returned.v1"] = "linkage.push.returned.v1"
    data: Returned


class PushRecalled(Event):
    """A push was recalled."""

    type: Literal["linkage.push.recalled.v1"] = "linkage.push.recalled.v1"
    data: Recalled


class PartyEnrolled(Event):
    """The party is under supervision (纳入监管)."""

    type: Literal["linkage.push.enrolled.v1"] = "linkage.push.enrolled.v1"
    data: Enrolled


class PushFedBack(Event):
    """A duty was fed back (反馈)."""

    type: Literal["linkage.push.fed-back.v1"] = "linkage.push.fed-back.v1"
    data: FedBack


class DecisionUnrouted(Event):
    """A decision, or some of its items, waits in the pool."""

    type: Literal["linkage.decision.unrouted.v1"] = "linkage.decision.unrouted.v1"
    data: Unrouted


class ResultForwarded(Event):
    """A result stands on the approving authority's feed."""

    type: Literal["linkage.result.forwarded.v1"] = "linkage.result.forwarded.v1"
    data: Forwarded


class ReportForwarded(Event):
    """The report on a result stands on the supervisor's feed: that result's loop has ended."""

    type: Literal["linkage.report.forwarded.v1"] = "linkage.report.forwarded.v1"
    data: Forwarded


AnyProgressEvent = Annotated[
    PushOpened
    | PushDelivered
    | PushReceived
    | PushReturned
    | PushRecalled
    | PartyEnrolled
    | PushFedBack
    | DecisionUnrouted
    | DeadlineWarned
    | DeadlineOverdue
    | DeadlineEscalated
    | DeadlineChanged
    | EscalationAnswered
    | ResultForwarded
    | ReportForwarded,
    Field(discriminator="type"),
]

"""Topic ``approval.actions.v1``: what the approving side did about results."""

from typing import Annotated, Literal

from pydantic import Field

from linkage_contracts.codes import ActionOutcome
from linkage_contracts.envelope import Event, Value
from linkage_contracts.ids import Id


class ResultRef(Value):
    """Which result this is about."""

    result_id: Id
    result_type: str
    decision_id: Id
    authority: str
    supervisor: str
    by: str
    """The clerk, as the bureau names them; an account or staff number, not an id number."""


class Reception(ResultRef):
    """The bureau signed for the result."""


class Refusal(ResultRef):
    """The bureau returned the result: not ours, or unfounded in form."""

    reason: str


class Report(ResultRef):
    """What the bureau did. A breach it confirms (认定) bars the party from commitments."""

    outcome: ActionOutcome
    note: str
    act_document_number: str | None = None


class Conflict(Value):
    """Two contents under one number and date: the first stands, the second is kept and shown."""

    decision_id: Id
    event_id: Id
    authority: str
    document_number: str
    kept_digest: str
    other_digest: str
    differences: tuple[str, ...]


class ResultReceived(Event):
    """A result was received by the bureau."""

    type: Literal["linkage.action.result-received.v1"] = "linkage.action.result-received.v1"
    data: Reception


class ResultReturned(Event):
    """A result was returned by the bureau."""

    type: Literal["linkage.action.result-returned.v1"] = "linkage.action.result-returned.v1"
    data: Refusal


class ActionReported(Event):
    """The bureau reported what it did."""

    type: Literal["linkage.action.reported.v1"] = "linkage.action.reported.v1"
    data: Report


class ConflictFound(Event):
    """The ledger found a second content under a known decision id and version."""

    type: Literal["linkage.action.conflict-found.v1"] = "linkage.action.conflict-found.v1"
    data: Conflict


AnyActionEvent = Annotated[
    ResultReceived | ResultReturned | ActionReported | ConflictFound, Field(discriminator="type")
]

"""Topic ``approval.actions.v1``: what the approving side did about what supervision found."""

from typing import Annotated, Literal

from pydantic import Field

from linkage_contracts.breaches import BreachEvent
from linkage_contracts.codes import ActionOutcome, FindingAnswerKind, Rule
from linkage_contracts.envelope import Event, Value
from linkage_contracts.ids import Id
from linkage_contracts.tolerances import ToleranceEvent


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


class FindingRef(Value):
    """Which finding this is about: one breach of one rule by one version of a decision."""

    finding_id: Id
    decision_id: Id
    decision_event_id: Id
    authority: str
    """The bureau whose decision it is."""
    rule: Rule


class FindingAnswer(FindingRef):
    """What the bureau says to it: corrected, by which document, or why it stands."""

    round: int = 0
    """How many answers were sent back before this one."""
    by: str
    kind: FindingAnswerKind
    note: str
    act_document_number: str | None = None


class FindingAcceptance(FindingRef):
    """Oversight is content with the answer of this round."""

    round: int = 0
    overseer: str
    by: str
    note: str | None = None


class FindingReturn(FindingRef):
    """Oversight is not: another answer is owed."""

    round: int = 0
    overseer: str
    by: str
    reason: str


class FindingClosure(FindingRef):
    """A later version of the decision breaks this rule no more, or ended the licence."""

    corrected_by: Id
    """The decision event of that version."""
    act_document_number: str | None = None


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


class FindingAnswered(Event):
    """The bureau answered a finding (纠错反馈)."""

    type: Literal["linkage.action.finding-answered.v1"] = "linkage.action.finding-answered.v1"
    data: FindingAnswer


class FindingAccepted(Event):
    """Oversight accepted the answer."""

    type: Literal["linkage.action.finding-accepted.v1"] = "linkage.action.finding-accepted.v1"
    data: FindingAcceptance


class FindingSentBack(Event):
    """Oversight sent the answer back."""

    type: Literal["linkage.action.finding-sent-back.v1"] = "linkage.action.finding-sent-back.v1"
    data: FindingReturn


class FindingClosed(Event):
    """A finding closed by itself: the decision was corrected, or ended."""

    type: Literal["linkage.action.finding-closed.v1"] = "linkage.action.finding-closed.v1"
    data: FindingClosure


AnyActionEvent = Annotated[
    ResultReceived
    | ResultReturned
    | ActionReported
    | ConflictFound
    | FindingAnswered
    | FindingAccepted
    | FindingSentBack
    | FindingClosed
    | BreachEvent
    | ToleranceEvent,
    Field(discriminator="type"),
]

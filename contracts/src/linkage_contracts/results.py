"""Topic ``supervision.results.v1``: what supervision found."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from linkage_contracts.codes import (
    InspectionOutcome,
    PenaltyKind,
    RectificationOutcome,
    RequestedAction,
    Treatment,
)
from linkage_contracts.decisions import Document
from linkage_contracts.envelope import Event, Value
from linkage_contracts.ids import Id
from linkage_contracts.parties import Organisation, Party


class ActionRequest(Value):
    """What the approving authority is asked to do, by when and on what ground."""

    action: RequestedAction
    ground: str
    report_by: date | None = None


class Result(Value):
    """What all results share."""

    result_id: Id
    supervisor: Organisation
    party: Party
    found_on: date
    region: str
    summary: str
    document_number: str | None = None
    decision_id: Id | None = None
    """The licence it concerns; without it the result is a fact about the party alone."""
    push_id: Id | None = None
    authority: str | None = None
    """The approving authority it goes back to, known whenever ``decision_id`` is."""
    attachments: tuple[Document, ...] = ()
    request: ActionRequest | None = None
    digest: str


class Inspection(Result):
    """行政检查."""

    outcome: InspectionOutcome
    treatment: Treatment
    rectify_by: date | None = None


class Penalty(Result):
    """行政处罚; amounts in yuan (the tables give 万元)."""

    kinds: tuple[PenaltyKind, ...]
    violation: str
    basis: str
    fine: Decimal = Decimal(0)
    confiscated: Decimal = Decimal(0)
    licence_affected: str | None = None
    public_until: date | None = None


class RectificationOrder(Result):
    """责令限期整改."""

    rectify_by: date


class RectificationEnd(Result):
    """整改结果."""

    outcome: RectificationOutcome


class CommitmentBreach(Result):
    """违反告知承诺: found by supervision, confirmed (认定) by the approving authority."""

    promise: str


class RiskClue(Result):
    """风险线索."""


class RequestOnly(Result):
    """An action request (公务协同函) that stands alone."""

    request: ActionRequest


class InspectionRecorded(Event):
    """An inspection was recorded."""

    type: Literal["linkage.result.inspection-recorded.v1"] = "linkage.result.inspection-recorded.v1"
    data: Inspection


class PenaltyImposed(Event):
    """A penalty was imposed; revocation (吊销) is one of them."""

    type: Literal["linkage.result.penalty-imposed.v1"] = "linkage.result.penalty-imposed.v1"
    data: Penalty


class RectificationOrdered(Event):
    """Rectification was ordered."""

    type: Literal["linkage.result.rectification-ordered.v1"] = (
        "linkage.result.rectification-ordered.v1"
    )
    data: RectificationOrder


class RectificationEnded(Event):
    """Rectification ended, well or not."""

    type: Literal["linkage.result.rectification-ended.v1"] = "linkage.result.rectification-ended.v1"
    data: RectificationEnd


class CommitmentBroken(Event):
    """A broken commitment was found."""

    type: Literal["linkage.result.commitment-broken.v1"] = "linkage.result.commitment-broken.v1"
    data: CommitmentBreach


class ClueRaised(Event):
    """A risk clue was raised."""

    type: Literal["linkage.result.clue-raised.v1"] = "linkage.result.clue-raised.v1"
    data: RiskClue


class ActionRequested(Event):
    """The approving authority was asked to act."""

    type: Literal["linkage.result.action-requested.v1"] = "linkage.result.action-requested.v1"
    data: RequestOnly


AnyResultEvent = Annotated[
    InspectionRecorded
    | PenaltyImposed
    | RectificationOrdered
    | RectificationEnded
    | CommitmentBroken
    | ClueRaised
    | ActionRequested,
    Field(discriminator="type"),
]

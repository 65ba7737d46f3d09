"""What a supervising authority sends about one result; an unknown field is a mistake.

Amounts are in yuan. The codes are those of DOMAIN.md §1.2 and §5.2.
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
)

from linkage_contracts.codes import (
    InspectionOutcome,
    PartyKind,
    PenaltyKind,
    RectificationOutcome,
    RequestedAction,
    Treatment,
)
from linkage_contracts.ids import Id
from linkage_runtime.sent import PlausibleDay, without_controls, without_unseen


def _text(value: object) -> object:
    return without_controls(value) if isinstance(value, str) else value


def _number(value: object) -> object:
    return without_unseen(value) if isinstance(value, str) else value


Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=4_000, strip_whitespace=True),
    BeforeValidator(_text),
]
Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, strip_whitespace=True),
    BeforeValidator(_text),
]
Number = Annotated[Line, BeforeValidator(_number)]
Yuan = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=4)]


class Submitted(BaseModel):
    """Part of a submission."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SubmittedParty(Submitted):
    """The party (行政相对人), where no push or decision tells it."""

    kind: PartyKind
    name: Line
    code: Number | None = None
    id_type: Line | None = None
    id_number: Number | None = None


class SubmittedDocument(Submitted):
    """An attachment by reference and digest."""

    name: Line
    uri: Text
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    readers: tuple[Line, ...] = ()


class SubmittedRequest(Submitted):
    """What the approving authority is asked to do."""

    action: RequestedAction
    ground: Text
    report_by: PlausibleDay | None = None


class SubmittedResult(Submitted):
    """What all results share; ``supervisor`` is the caller's organisation unless it is named."""

    supervisor: str | None = None
    found_on: PlausibleDay
    summary: Text
    document_number: Number | None = None
    decision_id: Id | None = None
    push_id: Id | None = None
    party: SubmittedParty | None = None
    region: str | None = None
    attachments: tuple[SubmittedDocument, ...] = ()
    request: SubmittedRequest | None = None


class SubmittedInspection(SubmittedResult):
    """行政检查."""

    type: Literal["inspection"]
    outcome: InspectionOutcome
    treatment: Treatment
    rectify_by: PlausibleDay | None = None


class SubmittedPenalty(SubmittedResult):
    """行政处罚."""

    type: Literal["penalty"]
    kinds: Annotated[tuple[PenaltyKind, ...], Field(min_length=1)]
    violation: Text
    basis: Text
    fine: Yuan = Decimal(0)
    confiscated: Yuan = Decimal(0)
    licence_affected: Line | None = None
    public_until: PlausibleDay | None = None


class SubmittedRectificationOrder(SubmittedResult):
    """责令限期整改."""

    type: Literal["rectification_order"]
    rectify_by: PlausibleDay


class SubmittedRectificationEnd(SubmittedResult):
    """整改结果."""

    type: Literal["rectification_end"]
    outcome: RectificationOutcome


class SubmittedBreach(SubmittedResult):
    """违反告知承诺."""

    type: Literal["commitment_breach"]
    promise: Text


class SubmittedClue(SubmittedResult):
    """风险线索."""

    type: Literal["risk_clue"]


class SubmittedActionRequest(SubmittedResult):
    """公务协同函."""

    type: Literal["action_request"]
    request: SubmittedRequest


AnySubmittedResult = Annotated[
    SubmittedInspection
    | SubmittedPenalty
    | SubmittedRectificationOrder
    | SubmittedRectificationEnd
    | SubmittedBreach
    | SubmittedClue
    | SubmittedActionRequest,
    Field(discriminator="type"),
]
SUBMITTED_RESULT: TypeAdapter[AnySubmittedResult] = TypeAdapter(AnySubmittedResult)

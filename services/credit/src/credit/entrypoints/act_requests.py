"""What is asked of the acts on credit facts, as the OpenAPI document shows it."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from linkage_contracts.codes import PenaltyKind
from linkage_contracts.decisions import Document
from linkage_contracts.ids import Id
from linkage_runtime.sent import (
    PlausibleDay,
    no_resident_id_within,
    without_controls,
    without_unseen,
)


def _text(value: object) -> object:
    return without_controls(value) if isinstance(value, str) else value


def _number(value: object) -> object:
    return without_unseen(value) if isinstance(value, str) else value


# Acts stand on the log for ever, in clear.
Prose = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000),
    AfterValidator(no_resident_id_within),
    BeforeValidator(_text),
]
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=256),
    AfterValidator(no_resident_id_within),
    BeforeValidator(_text),
]
Number = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=128),
    BeforeValidator(_number),
]


class MaterialRequest(Document):
    """A material by reference; so long that fifty of them stay below what a topic takes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Line
    uri: Annotated[str, Field(min_length=1, max_length=1_000)]
    sha256: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{64}$")]
    readers: Annotated[tuple[Number, ...], Field(max_length=20)] = ()


class ActRequest(BaseModel):
    """Every act says on what ground."""

    model_config = ConfigDict(extra="forbid")

    ground: Prose


class CorrectionRequest(ActRequest):
    """What the fact really was; what is left out stays as it stands."""

    occurred_on: PlausibleDay | None = None
    kinds: tuple[PenaltyKind, ...] | None = Field(default=None, min_length=1, max_length=14)
    fine: Decimal | None = Field(default=None, ge=0, max_digits=14, decimal_places=2)


class ObjectionDecisionRequest(ActRequest):
    """Whether the objection was right."""

    is_upheld: bool


class ListRequest(ActRequest):
    """A decision to list; term and exit follow from the list's rules."""

    entered_on: PlausibleDay
    document_number: Number | None = None


class OverdueRequest(ActRequest):
    """What was owed under tolerance, and since when it is late."""

    decision_id: Id
    due_on: PlausibleDay
    missing: tuple[Line, ...] = Field(min_length=1, max_length=50)


class RepairRequest(ActRequest):
    """信用修复一件事: one form; each authority concerned decides about what it found itself."""

    facts: frozenset[Id] = Field(min_length=1, max_length=1_000)
    commitment: Prose
    """The text of the public credit commitment (公开信用承诺)."""
    materials: tuple[MaterialRequest, ...] = Field(min_length=1, max_length=50)
    """What shows that the behaviour is corrected and every duty performed."""


class RepairDecisionRequest(ActRequest):
    """Granted: all four conditions are met. Refused: the ground says which is not."""

    is_granted: bool


class ActAnswer(BaseModel):
    """An act that is on the log; ratings follow when the worker has read it."""

    status: Literal["accepted", "known"]
    event_id: str

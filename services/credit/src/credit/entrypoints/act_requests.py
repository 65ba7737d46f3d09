"""What is asked of the acts on credit facts, as the OpenAPI document shows it."""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from linkage_contracts.codes import PenaltyKind
from linkage_contracts.decisions import Document
from linkage_contracts.ids import Id


class ActRequest(BaseModel):
    """Every act says on what ground."""

    model_config = ConfigDict(extra="forbid")

    ground: str = Field(min_length=1, max_length=2_000)


class CorrectionRequest(ActRequest):
    """What the fact really was; what is left out stays as it stands."""

    occurred_on: date | None = None
    kinds: tuple[PenaltyKind, ...] | None = Field(default=None, min_length=1, max_length=14)
    fine: Decimal | None = Field(default=None, ge=0, max_digits=14, decimal_places=2)


class ObjectionDecisionRequest(ActRequest):
    """Whether the objection was right."""

    is_upheld: bool


class ListRequest(ActRequest):
    """A decision to list; term and exit follow from the list's rules."""

    entered_on: date
    document_number: str | None = Field(default=None, max_length=128)


class OverdueRequest(ActRequest):
    """What was owed under tolerance, and since when it is late."""

    decision_id: Id
    due_on: date
    missing: tuple[str, ...] = Field(min_length=1, max_length=50)


class RepairRequest(ActRequest):
    """信用修复一件事: one form; each authority concerned decides about what it found itself."""

    facts: frozenset[Id] = Field(min_length=1, max_length=1_000)
    commitment: str = Field(min_length=1, max_length=2_000)
    """The text of the public credit commitment (公开信用承诺)."""
    materials: tuple[Document, ...] = Field(min_length=1, max_length=50)
    """What shows that the behaviour is corrected and every duty performed."""


class RepairDecisionRequest(ActRequest):
    """Granted: all four conditions are met. Refused: the ground says which is not."""

    is_granted: bool


class ActAnswer(BaseModel):
    """An act that is on the log; ratings follow when the worker has read it."""

    status: Literal["accepted", "known"]
    event_id: str

"""What is sent about findings: answers of bureaus, verdicts of oversight."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from approval_events.domain.text import Clerk, OptionalLine, OptionalNumber, Prose
from linkage_contracts.codes import FindingAnswerKind
from linkage_contracts.ids import Id

MOST_FINDINGS = 1_000
FindingIds = Annotated[list[Id], Field(min_length=1, max_length=MOST_FINDINGS)]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SentAnswer(_Body):
    """What the bureau says to a finding."""

    kind: FindingAnswerKind
    note: Prose
    act_document_number: OptionalNumber = None
    """By which document it was corrected."""

    @model_validator(mode="after")
    def _a_correction_has_its_document(self) -> Self:
        if self.kind is FindingAnswerKind.CORRECTION and self.act_document_number is None:
            msg = "更正须写明文书号 act_document_number (a correction names its document)"
            raise ValueError(msg)
        return self


class SentAnswerTo(SentAnswer):
    """The answer to one of several findings."""

    finding_id: Id


class AnswerOne(SentAnswer):
    """The answer to the finding in the address; ``by`` is the clerk."""

    by: Clerk


class AnswerMany(_Body):
    """Answers to several findings."""

    by: Clerk
    answers: Annotated[list[SentAnswerTo], Field(min_length=1, max_length=MOST_FINDINGS)]


class AcceptOne(_Body):
    """Oversight is content."""

    by: Clerk
    note: OptionalLine = None


class AcceptMany(AcceptOne):
    """With several answers."""

    finding_ids: FindingIds


class SendBackOne(_Body):
    """Oversight is not content, and says why."""

    by: Clerk
    reason: Prose


class SendBackMany(SendBackOne):
    """With several answers."""

    finding_ids: FindingIds

"""What a bureau sends about a breach of a commitment (违诺): one body for each step."""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from approval_events.domain.text import (
    Clerk,
    Day,
    Number,
    OptionalCode,
    OptionalLine,
    Prose,
)
from linkage_contracts.codes import BreachSanction
from linkage_runtime.sent import no_resident_id_within

Statement = Annotated[Prose, AfterValidator(no_resident_id_within)]


class TakeStep(BaseModel):
    """What every step says; ``by`` is the clerk, ``on`` the date of the document."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Clerk
    on: Day
    document_number: Number
    ground: Prose
    note: OptionalLine = None


class Notify(TakeStep):
    """告知: the party may state its case until ``hear_by``."""

    hear_by: Day


class Hear(TakeStep):
    """陈述申辩; without a ``statement`` the party let its time pass."""

    statement: Statement | None = None


class Warn(TakeStep):
    """警示、限期整改."""

    mend_by: Day


class Sanction(TakeStep):
    """惩戒; an annulment names the annulling act by its ``document_number``."""

    kind: BreachSanction
    referred_to: OptionalCode = None
    """Of a referral: the supervising authority that may penalise."""

    @model_validator(mode="after")
    def _a_referral_goes_somewhere(self) -> Self:
        is_referral = self.kind is BreachSanction.PENALTY_REFERRAL
        if is_referral != (self.referred_to is not None):
            msg = "referred_to 移送处罚须填写,其他惩戒不填 (for a referral, and for nothing else)"
            raise ValueError(msg)
        return self

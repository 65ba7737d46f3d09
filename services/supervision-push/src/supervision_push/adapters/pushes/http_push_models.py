"""The bodies of the acts on pushes, and their answer."""

from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from linkage_contracts.codes import Duty
from linkage_runtime.sent import no_resident_id

MAX_IDS: Final = 1_000
MAX_PAGE: Final = 500


Clerk = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(no_resident_id)]
"""Who acted, as the organisation names them."""
Ids = Annotated[list[str], Field(min_length=1, max_length=MAX_IDS)]
Text = Annotated[str, Field(min_length=1, max_length=1_000)]


class Body(BaseModel):
    """What a caller sends; an unknown field is a mistake of theirs."""

    model_config = ConfigDict(extra="forbid")


class ReceiveOne(Body):
    """签收."""

    by: Clerk


class ReceiveBody(ReceiveOne):
    """Of many."""

    push_ids: Ids


class ReturnOne(Body):
    """退回; ``suggested`` is the code of the authority that it should have gone to."""

    by: Clerk
    reason: Text
    suggested: str | None = Field(default=None, max_length=18)


class ReturnBody(ReturnOne):
    """Of many."""

    push_ids: Ids


class EnrolOne(Body):
    """纳入监管."""

    by: Clerk
    note: Text | None = None


class EnrolBody(EnrolOne):
    """Of many."""

    push_ids: Ids


class DutyOutcome(Body):
    """反馈: what came out of one duty."""

    duty: Duty
    outcome: Annotated[str, Field(min_length=1, max_length=100)]
    note: Text | None = None
    result_id: str | None = Field(default=None, pattern=r"^[0-9a-f-]{36}$")


class FeedBackOne(DutyOutcome):
    """反馈 on one duty of the push in the path."""

    by: Clerk


class FeedbackOnPush(DutyOutcome):
    """反馈 on one duty of one push of many."""

    push_id: str


class FeedBackBody(Body):
    """反馈."""

    by: Clerk
    feedback: Annotated[list[FeedbackOnPush], Field(min_length=1, max_length=MAX_IDS)]


class ClaimOne(Body):
    """认领."""

    by: Clerk
    reason: Text


class ClaimBody(ClaimOne):
    """Of many."""

    pool_ids: Ids


class RefusedOne(BaseModel):
    """Why one was not done: 404 not known (yet), 403 not yours, 409 out of order or taken."""

    id: str
    status: int
    title: str
    detail: str


class ActedOnOne(BaseModel):
    """It was done, now or before."""

    done: str


class Acted(BaseModel):
    """What became of each; a repeated act counts as done."""

    done: list[str]
    refused: list[RefusedOne]

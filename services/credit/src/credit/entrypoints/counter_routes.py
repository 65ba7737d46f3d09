"""What the counter asks before it offers a commitment, and what a credit office decides."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from credit.application.repair_credit import (
    AlreadyRepairedError,
    RepairCredit,
    RepairRefusedError,
    UnknownFactsError,
)
from credit.bootstrap import today
from credit.entrypoints.answers import EligibilityAnswer, RepairAnswer
from credit.entrypoints.wiring import NOT_RATED, PartyKey, Service
from linkage_contracts.identity import is_uscc
from linkage_contracts.ids import Id
from linkage_runtime.access import Caller, Scope
from linkage_runtime.faults import Fault
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.description import ALREADY_KNOWN
from linkage_runtime.http.problems import ProblemError

# Parties without a credit code: natural persons, and whoever a decision doesn't identify.
_KEY = re.compile(r"(person|decision):[0-9A-Za-z:_-]{1,100}")
_NO_PARTY = Fault(
    pointer="/party",
    rule="check_digit",
    zh="不是统一社会信用代码（GB 32100 校验位不符），也不是当事人标识",
    en="neither a credit code (its check digit is wrong) nor the key of a party",
    remedy_zh="请核对营业执照上的统一社会信用代码；自然人请用其标识，不要发送证件号码",
    remedy_en="check the code on the licence; a natural person goes by its key, not an id number",
)

router = APIRouter(prefix="/v1", tags=["承诺与修复 commitments and repair"])


class EligibilityQuestion(BaseModel):
    """May this party use a commitment, for this item?"""

    model_config = ConfigDict(extra="forbid")

    party: str
    item: str | None = Field(default=None, max_length=36)


class RepairRequest(BaseModel):
    """Which facts no longer count, and on what ground."""

    model_config = ConfigDict(extra="forbid")

    facts: frozenset[Id] = Field(min_length=1, max_length=1_000)
    ground: str = Field(min_length=1, max_length=2_000)


@router.post("/eligibility", dependencies=[Depends(caller_with(Scope.ASK_ELIGIBILITY))])
async def eligibility(question: EligibilityQuestion, credit: Service) -> EligibilityAnswer:
    """Whether a party may use commitments (告知承诺); what bars it, and the way back."""
    if not is_uscc(question.party) and not _KEY.fullmatch(question.party):
        raise ProblemError(422, _NO_PARTY.zh, faults=[_NO_PARTY])
    answer = await credit.eligibility(question.party, today())
    return EligibilityAnswer(
        party=question.party,
        item=question.item,
        eligible=not answer.bars,
        rated=answer.is_rated,
        bars=answer.bars,
        note=None if answer.is_rated else NOT_RATED,
    )


@router.post("/parties/{party}/repairs", status_code=202, responses=ALREADY_KNOWN)
async def repairs(
    party: PartyKey,
    request: RepairRequest,
    response: Response,
    credit: Service,
    caller: Annotated[Caller, Depends(caller_with(Scope.REPAIR_CREDIT))],
) -> RepairAnswer:
    """信用修复: from today on these facts no longer count."""
    command = RepairCredit(
        party=party, facts=request.facts, decided_by=caller.organisation, ground=request.ground
    )
    try:
        recorded = await credit.repair(command)
    except RepairRefusedError as error:
        raise _refused(error) from error
    response.status_code = 202 if recorded.is_new else 200
    return RepairAnswer(
        status="accepted" if recorded.is_new else "known", event_id=recorded.event_id
    )


def _refused(error: RepairRefusedError) -> ProblemError:
    if isinstance(error, UnknownFactsError):
        # The worker may not have read them yet.
        return ProblemError(404, str(error), headers={"Retry-After": "5"}, facts=error.facts)
    status = 409 if isinstance(error, AlreadyRepairedError) else 422
    return ProblemError(status, str(error), facts=error.facts)

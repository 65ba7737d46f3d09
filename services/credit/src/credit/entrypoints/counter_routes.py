"""What the counter asks before it offers a commitment (告知承诺) or tolerance (容缺)."""

import re

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from credit.bootstrap import today
from credit.domain.bars import Use
from credit.entrypoints.answers import EligibilityAnswer
from credit.entrypoints.wiring import NOT_RATED, Service
from linkage_contracts.identity import is_uscc
from linkage_runtime.access import Scope
from linkage_runtime.faults import Fault
from linkage_runtime.http.access import caller_with
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

router = APIRouter(prefix="/v1", tags=["承诺与容缺 commitment and tolerance"])


class EligibilityQuestion(BaseModel):
    """May this party use commitment, or tolerance, for this item?"""

    model_config = ConfigDict(extra="forbid")

    party: str
    item: str | None = Field(default=None, max_length=36)
    use: Use = Use.COMMITMENT


@router.post("/eligibility", dependencies=[Depends(caller_with(Scope.ASK_ELIGIBILITY))])
async def eligibility(question: EligibilityQuestion, credit: Service) -> EligibilityAnswer:
    """Whether a party may use commitment or tolerance; what bars it, and the way back."""
    if not is_uscc(question.party) and not _KEY.fullmatch(question.party):
        raise ProblemError(422, _NO_PARTY.zh, faults=[_NO_PARTY])
    answer = await credit.eligibility(question.party, question.use, today())
    return EligibilityAnswer(
        party=question.party,
        item=question.item,
        use=question.use,
        eligible=not answer.bars,
        rated=answer.is_rated,
        bars=answer.bars,
        note=None if answer.is_rated else NOT_RATED,
    )

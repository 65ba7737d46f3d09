"""What the counter asks before it offers a commitment (告知承诺) or tolerance (容缺)."""

import re
from dataclasses import replace

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from credit.application.answer_eligibility import Question
from credit.bootstrap import today
from credit.domain.bars import Use
from credit.entrypoints.answers import EligibilityAnswer, EligibilityAnswers
from credit.entrypoints.report_answers import IncentivesAnswer
from credit.entrypoints.wiring import NOT_RATED, PartyKey, Service
from linkage_contracts.identity import is_uscc
from linkage_runtime.access import Scope
from linkage_runtime.faults import Fault
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.problems import ProblemError
from linkage_runtime.sent import PlausibleDay

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


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    party: str
    use: Use
    on: PlausibleDay | None = None
    """As of which day; left out: today."""


class EligibilityQuestion(_Asked):
    """May this party use commitment, or tolerance, for this item?"""

    item: str = Field(min_length=1, max_length=64)


class OneOfMany(_Asked):
    """The same; without an item only what bars from every item is told."""

    item: str | None = Field(default=None, max_length=64)


class EligibilityQuestions(BaseModel):
    """Many at once."""

    model_config = ConfigDict(extra="forbid")

    questions: tuple[OneOfMany, ...] = Field(min_length=1, max_length=10_000)


@router.post("/eligibility", dependencies=[Depends(caller_with(Scope.ASK_ELIGIBILITY))])
async def eligibility(question: EligibilityQuestion, credit: Service) -> EligibilityAnswer:
    """Whether a party may use commitment or tolerance for an item; what bars it, the way back."""
    asked = _question(question, question.item, "/party")
    (answer,) = await credit.eligibility([asked])
    return EligibilityAnswer.of(answer, NOT_RATED)


@router.post("/eligibility:batch", dependencies=[Depends(caller_with(Scope.ASK_ELIGIBILITY))])
async def eligibility_of_many(asked: EligibilityQuestions, credit: Service) -> EligibilityAnswers:
    """The same of up to 10,000 questions, answered in their order."""
    questions = [
        _question(each, each.item, f"/questions/{number}/party")
        for number, each in enumerate(asked.questions)
    ]
    answers = await credit.eligibility(questions)
    return EligibilityAnswers(
        answers=tuple(EligibilityAnswer.of(answer, NOT_RATED) for answer in answers)
    )


@router.get(
    "/parties/{party}/incentives", dependencies=[Depends(caller_with(Scope.ASK_ELIGIBILITY))]
)
async def incentives(
    party: PartyKey, credit: Service, on: PlausibleDay | None = None
) -> IncentivesAnswer:
    """Which incentives (信易+) a party may enjoy, why or why not; its class has no part in it."""
    if not is_uscc(party):
        raise ProblemError(404, NOT_RATED)
    day = on or today()
    return IncentivesAnswer(party=party, on=day, incentives=await credit.incentives(party, day))


def _question(asked: _Asked, item: str | None, pointer: str) -> Question:
    if not is_uscc(asked.party) and not _KEY.fullmatch(asked.party):
        fault = replace(_NO_PARTY, pointer=pointer)
        raise ProblemError(422, fault.zh, faults=[fault])
    return Question(party=asked.party, item=item, use=asked.use, on=asked.on or today())

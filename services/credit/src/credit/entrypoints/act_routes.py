"""Acts on credit facts: correct, dispute, list; each on the log before it is answered."""

from fastapi import APIRouter, Response

from credit.application.amend_facts import CorrectFact, WithdrawFact
from credit.application.handle_objections import (
    DecideObjection,
    RaiseObjection,
    WithdrawObjection,
)
from credit.application.keep_lists import EnterList, LeaveList
from credit.application.record_overdue import RecordOverdue
from credit.entrypoints.act_requests import (
    ActAnswer,
    ActRequest,
    CorrectionRequest,
    ListRequest,
    ObjectionDecisionRequest,
    OverdueRequest,
)
from credit.entrypoints.acting_callers import By, done
from credit.entrypoints.wiring import PartyKey, Service
from linkage_contracts.ids import Id

router = APIRouter(prefix="/v1/parties/{party}", tags=["信用行为 acts on credit facts"])


@router.post("/facts/{fact}/withdrawal", status_code=202)
async def withdraw(
    party: PartyKey, fact: Id, request: ActRequest, by: By, credit: Service, response: Response
) -> ActAnswer:
    """撤回: the fact never was."""
    command = WithdrawFact(party=party, fact=fact, by=by, ground=request.ground)
    return await done(credit.acts.withdraw, command, response)


@router.post("/facts/{fact}/corrections", status_code=202)
async def correct(
    party: PartyKey,
    fact: Id,
    request: CorrectionRequest,
    by: By,
    credit: Service,
    response: Response,
) -> ActAnswer:
    """更正: what the fact really was, from the beginning."""
    command = CorrectFact(party=party, fact=fact, by=by, **dict(request))
    return await done(credit.acts.correct, command, response)


@router.post("/facts/{fact}/objections", status_code=202)
async def object_to(
    party: PartyKey, fact: Id, request: ActRequest, by: By, credit: Service, response: Response
) -> ActAnswer:
    """异议: its id is the event's; where the list says so, the entry is not used meanwhile."""
    command = RaiseObjection(party=party, fact=fact, by=by, ground=request.ground)
    return await done(credit.acts.raise_objection, command, response)


@router.post("/objections/{objection}/decision", status_code=202)
async def answer_objection(
    party: PartyKey,
    objection: Id,
    request: ObjectionDecisionRequest,
    by: By,
    credit: Service,
    response: Response,
) -> ActAnswer:
    """异议处理: upheld, the fact never counted; rejected, it stands."""
    command = DecideObjection(party=party, objection=objection, by=by, **dict(request))
    return await done(credit.acts.decide_objection, command, response)


@router.post("/objections/{objection}/withdrawal", status_code=202)
async def withdraw_objection(
    party: PartyKey,
    objection: Id,
    request: ActRequest,
    by: By,
    credit: Service,
    response: Response,
) -> ActAnswer:
    """撤回异议, at the window where it was raised; the fact is used again."""
    command = WithdrawObjection(party=party, objection=objection, by=by, ground=request.ground)
    return await done(credit.acts.withdraw_objection, command, response)


@router.post("/lists/{list_code}", status_code=202)
async def enter(
    party: PartyKey,
    list_code: str,
    request: ListRequest,
    by: By,
    credit: Service,
    response: Response,
) -> ActAnswer:
    """列入名单; the entry is a fact, and ends by itself."""
    command = EnterList(party=party, list_code=list_code, by=by, **dict(request))
    return await done(credit.acts.enter_list, command, response)


@router.post("/list-entries/{fact}/removal", status_code=202)
async def leave(
    party: PartyKey, fact: Id, request: ActRequest, by: By, credit: Service, response: Response
) -> ActAnswer:
    """移出名单, before the term ends."""
    command = LeaveList(party=party, fact=fact, by=by, ground=request.ground)
    return await done(credit.acts.leave_list, command, response)


@router.post("/overdue-supplements", status_code=202)
async def overdue(
    party: PartyKey, request: OverdueRequest, by: By, credit: Service, response: Response
) -> ActAnswer:
    """容缺逾期: what was owed did not come in time."""
    command = RecordOverdue(party=party, by=by, **dict(request))
    return await done(credit.acts.record_overdue, command, response)

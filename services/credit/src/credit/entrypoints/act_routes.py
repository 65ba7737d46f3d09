"""Acts on credit facts: correct, dispute, list, repair; each on the log before it is answered."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from credit.application.acting import (
    Actor,
    ActRefusedError,
    DoneAlreadyError,
    NotKnownError,
    NotYoursError,
)
from credit.application.amend_facts import CorrectFact, WithdrawFact
from credit.application.handle_objections import DecideObjection, RaiseObjection
from credit.application.keep_lists import EnterList, LeaveList
from credit.application.record_overdue import RecordOverdue
from credit.application.repair_credit import ApplyForRepair, DecideRepair
from credit.bootstrap_acts import Acting
from credit.entrypoints.act_requests import (
    ActAnswer,
    ActRequest,
    CorrectionRequest,
    ListRequest,
    ObjectionDecisionRequest,
    OverdueRequest,
    RepairDecisionRequest,
    RepairRequest,
)
from credit.entrypoints.repair_answers import RepairCasesAnswer
from credit.entrypoints.wiring import PartyKey, Service
from linkage_contracts.ids import Id
from linkage_runtime.access import Caller, Scope
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.problems import ProblemError

router = APIRouter(prefix="/v1/parties/{party}", tags=["信用行为 acts on credit facts"])

_caller = caller_with(Scope.ACT_ON_CREDIT, Scope.REPAIR_CREDIT)


def _actor(caller: Annotated[Caller, Depends(_caller)]) -> Actor:
    return Actor(organisation=caller.organisation, is_credit_office=caller.may(Scope.REPAIR_CREDIT))


By = Annotated[Actor, Depends(_actor)]


async def _done(acting: Acting, command: object, response: Response) -> ActAnswer:
    try:
        recorded = await acting(command)
    except ActRefusedError as error:
        raise _refused(error) from error
    response.status_code = 202 if recorded.is_new else 200
    return ActAnswer(status="accepted" if recorded.is_new else "known", event_id=recorded.event_id)


def _refused(error: ActRefusedError) -> ProblemError:
    match error:
        case NotKnownError():
            # The worker may not have read it yet.
            return ProblemError(404, str(error), headers={"Retry-After": "5"}, facts=error.facts)
        case NotYoursError():
            return ProblemError(403, str(error), facts=error.facts)
        case DoneAlreadyError():
            return ProblemError(409, str(error), facts=error.facts)
        case _:
            return ProblemError(422, str(error), facts=error.facts)


@router.post("/facts/{fact}/withdrawal", status_code=202)
async def withdraw(
    party: PartyKey, fact: Id, request: ActRequest, by: By, credit: Service, response: Response
) -> ActAnswer:
    """撤回: the fact never was."""
    command = WithdrawFact(party=party, fact=fact, by=by, ground=request.ground)
    return await _done(credit.acts.withdraw, command, response)


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
    return await _done(credit.acts.correct, command, response)


@router.post("/facts/{fact}/objections", status_code=202)
async def object_to(
    party: PartyKey, fact: Id, request: ActRequest, by: By, credit: Service, response: Response
) -> ActAnswer:
    """异议: its id is the event's; where the list says so, the entry is not used meanwhile."""
    command = RaiseObjection(party=party, fact=fact, by=by, ground=request.ground)
    return await _done(credit.acts.raise_objection, command, response)


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
    return await _done(credit.acts.decide_objection, command, response)


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
    return await _done(credit.acts.enter_list, command, response)


@router.post("/list-entries/{fact}/removal", status_code=202)
async def leave(
    party: PartyKey, fact: Id, request: ActRequest, by: By, credit: Service, response: Response
) -> ActAnswer:
    """移出名单, before the term ends."""
    command = LeaveList(party=party, fact=fact, by=by, ground=request.ground)
    return await _done(credit.acts.leave_list, command, response)


@router.post("/overdue-supplements", status_code=202)
async def overdue(
    party: PartyKey, request: OverdueRequest, by: By, credit: Service, response: Response
) -> ActAnswer:
    """容缺逾期: what was owed did not come in time."""
    command = RecordOverdue(party=party, by=by, **dict(request))
    return await _done(credit.acts.record_overdue, command, response)


@router.get("/repairs", dependencies=[Depends(_caller)])
async def repairs(party: PartyKey, credit: Service) -> RepairCasesAnswer:
    """Applications for repair and what came of each, with the events that prove it."""
    return RepairCasesAnswer.of(party, await credit.repairs_of(party))


@router.post("/repairs", status_code=202)
async def apply(
    party: PartyKey, request: RepairRequest, by: By, credit: Service, response: Response
) -> ActAnswer:
    """信用修复一件事: one application for every authority concerned; its id is the event's."""
    command = ApplyForRepair(party=party, by=by, **dict(request))
    return await _done(credit.acts.apply_for_repair, command, response)


@router.post("/repairs/{application}/decisions", status_code=202)
async def decide(
    party: PartyKey,
    application: Id,
    request: RepairDecisionRequest,
    by: By,
    credit: Service,
    response: Response,
) -> ActAnswer:
    """Granted, these facts no longer count from today: publication, sharing, sanctions end."""
    command = DecideRepair(party=party, application=application, by=by, **dict(request))
    return await _done(credit.acts.decide_repair, command, response)

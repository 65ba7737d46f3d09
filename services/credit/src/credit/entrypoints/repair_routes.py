"""Credit repair (信用修复): apply, withdraw, decide, revoke; and read what came of it."""

from fastapi import APIRouter, Depends, Response

from credit.application.apply_for_repair import ApplyForRepair, WithdrawApplication
from credit.application.decide_repair import DecideRepair, RevokeRepair
from credit.bootstrap import today
from credit.entrypoints.act_requests import (
    ActAnswer,
    ActRequest,
    RepairDecisionRequest,
    RepairRequest,
)
from credit.entrypoints.acting_callers import ANY_CALLER, By, done
from credit.entrypoints.repair_answers import RepairCasesAnswer
from credit.entrypoints.wiring import PartyKey, Service
from linkage_contracts.ids import Id

router = APIRouter(prefix="/v1/parties/{party}", tags=["信用修复 repair"])


@router.get("/repairs", dependencies=[Depends(ANY_CALLER)])
async def repairs(party: PartyKey, credit: Service) -> RepairCasesAnswer:
    """Applications for repair, what came of each, and who was told when: the proof afterwards."""
    return RepairCasesAnswer.of(party, await credit.repairs_of(party), credit.terms, today())


@router.post("/repairs", status_code=202)
async def apply(
    party: PartyKey, request: RepairRequest, by: By, credit: Service, response: Response
) -> ActAnswer:
    """信用修复一件事: one application for every authority concerned; its id is the event's."""
    command = ApplyForRepair(party=party, by=by, **dict(request))
    return await done(credit.acts.apply_for_repair, command, response)


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
    return await done(credit.acts.decide_repair, command, response)


@router.post("/repairs/{application}/withdrawal", status_code=202)
async def withdraw_application(
    party: PartyKey,
    application: Id,
    request: ActRequest,
    by: By,
    credit: Service,
    response: Response,
) -> ActAnswer:
    """撤回修复申请, at the window where it was handed in: as far as nobody has decided."""
    command = WithdrawApplication(
        party=party, application=application, by=by, ground=request.ground
    )
    return await done(credit.acts.withdraw_application, command, response)


@router.post("/repair-decisions/{repair}/revocation", status_code=202)
async def revoke(
    party: PartyKey, repair: Id, request: ActRequest, by: By, credit: Service, response: Response
) -> ActAnswer:
    """撤销修复, by who granted it; ``repair`` is the decision's event. The facts count again."""
    command = RevokeRepair(party=party, repair=repair, by=by, ground=request.ground)
    return await done(credit.acts.revoke_repair, command, response)

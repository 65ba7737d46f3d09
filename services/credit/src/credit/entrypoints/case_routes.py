"""The worklist (信用待办): repair applications and objections that wait for an authority."""

from typing import Annotated

from fastapi import APIRouter, Depends

from credit.application.acting import NotKnownError
from credit.application.list_cases import ListCases
from credit.bootstrap import today
from credit.domain.cases import CaseKind, CaseState
from credit.entrypoints.repair_answers import CaseAnswer, CasesAnswer, CaseStoryAnswer
from credit.entrypoints.wiring import Limit, Service
from linkage_contracts.ids import Id
from linkage_runtime.access import Caller, Scope
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.problems import ProblemError
from linkage_runtime.sent import PlausibleDay

router = APIRouter(prefix="/v1/cases", tags=["信用待办 cases"])

By = Annotated[
    Caller, Depends(caller_with(Scope.ACT_ON_CREDIT, Scope.REPAIR_CREDIT, Scope.OVERSEE))
]


@router.get("")
async def cases(  # noqa: PLR0913 -- one parameter for each thing that a clerk filters by
    caller: By,
    credit: Service,
    *,
    authority: str | None = None,
    state: CaseState | None = None,
    kind: CaseKind | None = None,
    due_by: PlausibleDay | None = None,
    party: str | None = None,
    after: Id | None = None,
    limit: Limit = 100,
) -> CasesAnswer:
    """What an authority has to decide, or decided; what was filed first comes first.

    ``due_by`` leaves what waits and is due by that day: yesterday's are overdue. An authority sees
    its own, a credit office and oversight everybody's.
    """
    waits = due_by is not None
    states = [state] if state else [CaseState.WAITING] if waits else list(CaseState)
    asked = ListCases(
        authorities=_visible(caller, authority),
        states=states,
        kind=kind,
        due_by=due_by,
        party=party,
        after=after,
        limit=limit,
    )
    try:
        page, following = await credit.cases(asked)
    except NotKnownError as error:
        raise ProblemError(422, str(error)) from error
    lines = tuple(CaseAnswer.of(case, credit.terms, today()) for case in page)
    return CasesAnswer(cases=lines, next=following)


@router.get("/{case_id}")
async def case(case_id: Id, caller: By, credit: Service) -> CaseStoryAnswer:
    """One case with its story, for its authority and the window that took it in."""
    story = await credit.case(case_id)
    if story is None:
        message = "没有此待办，或尚未入账 (no such case, or not yet)"
        raise ProblemError(404, message, headers={"Retry-After": "5"})
    own = _visible(caller, None)
    if own is not None and own.isdisjoint({story.case.authority, story.case.filed_by}):
        raise ProblemError(403, "只能查看本单位的待办 (only its authority and window may see it)")
    return CaseStoryAnswer.telling(story, credit.terms, today())


def _visible(caller: Caller, authority: str | None) -> frozenset[str] | None:
    """Whose cases to show; ``None`` for everybody's."""
    own = caller.authorities | {caller.organisation}
    sees_all = caller.may(Scope.REPAIR_CREDIT) or caller.may(Scope.OVERSEE)
    if authority is None:
        return None if sees_all else own
    if not sees_all and authority not in own:
        raise ProblemError(403, "authority: 只能查看本单位的待办 (only an authority's own cases)")
    return frozenset({authority})

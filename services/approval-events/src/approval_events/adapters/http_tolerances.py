"""Tolerances (容缺) over HTTP: what is missing, what became of it, and how many of each."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict

from approval_events.adapters.http_linkages import LARGEST_PAGE, PAGE, own, visible
from approval_events.adapters.http_views import RETRY_AFTER, json_response
from approval_events.application.acts import Actor, Acts
from approval_events.application.answer_tolerances import AnswerTolerance
from approval_events.application.ports import Catalogues
from approval_events.application.tolerance_ports import (
    ToleranceCount,
    ToleranceList,
    ToleranceQuery,
)
from approval_events.domain.facts import FactKind
from approval_events.domain.text import Clerk, Day, Number, OptionalLine, OptionalNumber, Prose
from approval_events.domain.tolerance import STATES, Tolerance, ToleranceState
from linkage_contracts.catalogue import Catalogue
from linkage_contracts.ids import Id
from linkage_contracts.tolerances import ToleranceSupplemented, ToleranceTerminated
from linkage_runtime.access import Caller, Scope
from linkage_runtime.clock import now
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.problems import ProblemError

Reading = Annotated[Caller, Depends(caller_with(Scope.READ_LINKAGES, Scope.OVERSEE))]
Acting = Annotated[Caller, Depends(caller_with(Scope.ACT_ON_RESULTS))]
Answering = Callable[[AnswerTolerance], Awaitable[Acts]]
_UNKNOWN = "没有此容缺记录,或尚未入账 (no such tolerance, or not yet)"
_OF_THE_DECISION = ("document_number", "missing", "party", "party_name")


class Supplement(BaseModel):
    """补正: the materials were there on this day, however late it is recorded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Clerk
    on: Day
    document_number: OptionalNumber = None
    note: OptionalLine = None


class Terminate(BaseModel):
    """终止: it is over without them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Clerk
    on: Day
    document_number: Number
    ground: Prose
    note: OptionalLine = None


def tolerances_router(
    answer: Answering, tolerances: ToleranceList, catalogues: Catalogues
) -> APIRouter:
    """Routes under ``/v1/tolerances``, and their report."""
    router = APIRouter(tags=["容缺 tolerances"])
    _add_reading(router, tolerances, catalogues)
    _add_answering(router, answer, tolerances, catalogues)
    return router


def _add_reading(router: APIRouter, tolerances: ToleranceList, catalogues: Catalogues) -> None:
    @router.get("/v1/tolerances")
    async def list_tolerances(
        caller: Reading,
        *,
        authority: str | None = None,
        state: ToleranceState | None = None,
        party: str | None = None,
        after: Id | None = None,
        limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
    ) -> Response:
        """Tolerances of one's own decisions, in the order of their ids; ``next`` goes on."""
        query = ToleranceQuery(
            authorities=visible(caller, authority),
            state=state,
            party=party,
            after=after or "",
            limit=limit,
        )
        page, catalogue = await tolerances.page(query), await catalogues.in_force()
        following = page[-1].supplement_id if len(page) == limit else None
        lines = [tolerance_view(one, catalogue) for one in page]
        return json_response({"tolerances": lines, "next": following})

    @router.get("/v1/tolerances/{supplement_id}")
    async def get_tolerance(supplement_id: Id, caller: Reading) -> Response:
        """One tolerance with everything that became of it."""
        tolerance = (await tolerances.find([supplement_id])).get(supplement_id)
        tolerated = tolerance.tolerated if tolerance else None
        if tolerance is None or tolerated is None:
            raise ProblemError(404, _UNKNOWN, headers=RETRY_AFTER)
        if not caller.may(Scope.OVERSEE) and tolerated.authority not in own(caller):
            raise ProblemError(403, "只能查看本单位的容缺 (a bureau sees only its own)")
        return json_response(tolerance_view(tolerance, await catalogues.in_force()))

    @router.get("/v1/reports/tolerances")
    async def count_tolerances(caller: Reading, authority: str | None = None) -> Response:
        """How many tolerances for each item each authority has, by what became of them."""
        counts = await tolerances.counts(visible(caller, authority))
        return json_response({"counts": counts_view(counts, await catalogues.in_force())})


def _add_answering(
    router: APIRouter, answer: Answering, tolerances: ToleranceList, catalogues: Catalogues
) -> None:
    async def take(
        id_: str,
        step: type[ToleranceSupplemented | ToleranceTerminated],
        body: Supplement | Terminate,
        caller: Caller,
    ) -> Response:
        command = AnswerTolerance(
            supplement_id=id_,
            step=step,
            said=body.model_dump(exclude_none=True),
            actor=Actor(organisation=caller.organisation, authorities=caller.authorities),
            at=now(),
        )
        for refusal in (await answer(command)).refused:
            headers = RETRY_AFTER if refusal.status == 404 else None  # noqa: PLR2004 -- HTTP
            raise ProblemError(refusal.status, str(refusal), headers=headers)
        after = (await tolerances.find([id_]))[id_]
        return json_response(tolerance_view(after, await catalogues.in_force()))

    @router.post("/v1/tolerances/{supplement_id}:supplement")
    async def supplement(supplement_id: Id, body: Supplement, caller: Acting) -> Response:
        """Say when the missing materials had come (补正)."""
        return await take(supplement_id, ToleranceSupplemented, body, caller)

    @router.post("/v1/tolerances/{supplement_id}:terminate")
    async def terminate(supplement_id: Id, body: Terminate, caller: Acting) -> Response:
        """Say that the case was terminated, because they never came (终止)."""
        return await take(supplement_id, ToleranceTerminated, body, caller)


def tolerance_view(tolerance: Tolerance, catalogue: Catalogue) -> dict[str, Any]:
    """What is missing under which regime, and what became of it."""
    tolerated, known = tolerance.tolerated, catalogue.item_by_code
    said: Mapping[str, Any] = tolerated.detail if tolerated else {}
    steps = [
        fact
        for kind in FactKind
        if kind.startswith("tolerance_") or kind in {FactKind.OVERDUE, FactKind.ESCALATED}
        for fact in tolerance.of(kind)
    ]
    return {
        "supplement_id": tolerance.supplement_id,
        "decision_id": tolerated.linkage if tolerated else None,
        "authority": tolerated.authority if tolerated else None,
        "state": tolerance.state,
        "state_name": STATES[tolerance.state],
        **{field: said.get(field) for field in _OF_THE_DECISION},
        "items": [
            {"code": code, "regime": known[code].tolerance if code in known else None}
            for code in said.get("items", ())
        ],
        "due_on": tolerance.due_days[-1] if tolerance.due_days else None,
        "steps": [
            {"what": fact.kind, "at": fact.at, **fact.detail}
            for fact in sorted(steps, key=lambda fact: fact.order)
        ],
    }


def counts_view(counts: Iterable[ToleranceCount], catalogue: Catalogue) -> list[dict[str, Any]]:
    """One line for each authority and item, with a column for each state."""
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    for one in counts:
        authority = catalogue.authority_by_id.get(one.authority)
        item = catalogue.item_by_code.get(one.item)
        line = lines.setdefault(
            (one.authority, one.item),
            {
                "authority": one.authority,
                "authority_name": authority.name if authority else one.authority,
                "item": one.item,
                "item_name": item.name if item else None,
                "tolerances": 0,
                **dict.fromkeys(map(str, ToleranceState), 0),
            },
        )
        line["tolerances"] += one.count
        line[str(one.state)] = one.count
    return list(lines.values())

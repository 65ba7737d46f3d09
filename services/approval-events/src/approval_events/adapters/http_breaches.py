"""Breaches of commitments (违诺) over HTTP: step by step by the bureau, read by all concerned."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from approval_events.adapters.breach_bodies import Hear, Notify, Sanction, TakeStep, Warn
from approval_events.adapters.breach_views import BreachTerms, breach_line, breach_view
from approval_events.adapters.http_linkages import LARGEST_PAGE, PAGE, own, visible
from approval_events.adapters.http_views import RETRY_AFTER, json_response
from approval_events.application.acts import Actor, Acts
from approval_events.application.advance_breaches import AdvanceBreach
from approval_events.application.breach_ports import BreachList, BreachQuery
from approval_events.application.ports import Catalogues
from approval_events.domain.breach import Breach
from approval_events.domain.breach_ladder import OPEN, BreachState
from linkage_contracts import breaches as steps
from linkage_contracts.ids import Id
from linkage_runtime.access import Caller, Scope
from linkage_runtime.clock import now
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.problems import ProblemError

Reading = Annotated[Caller, Depends(caller_with(Scope.READ_LINKAGES, Scope.OVERSEE))]
Acting = Annotated[Caller, Depends(caller_with(Scope.ACT_ON_RESULTS))]
Advance = Callable[[AdvanceBreach], Awaitable[Acts]]
_UNKNOWN = "没有此违诺记录,或尚未入账 (no such breach, or not yet)"


def breaches_router(
    advance: Advance,
    sanction: Advance,
    breaches: BreachList,
    terms: BreachTerms,
    catalogues: Catalogues,
) -> APIRouter:
    """Routes under ``/v1/breaches``."""
    router = APIRouter(tags=["违诺 breaches"])

    async def shown(breach: Breach) -> Response:
        known = (await catalogues.in_force()).authority_by_id
        names = {id_: organisation.name for id_, organisation in known.items()}
        return json_response(breach_view(breach, names, terms))

    async def take(
        id_: str, step: type[steps.BreachEvent], body: TakeStep, caller: Caller
    ) -> Response:
        command = AdvanceBreach(
            breach_id=id_,
            step=step,
            said=body.model_dump(exclude_none=True),
            actor=Actor(organisation=caller.organisation, authorities=caller.authorities),
            at=now(),
        )
        acts = await (sanction if step is steps.BreachSanctioned else advance)(command)
        for refusal in acts.refused:
            headers = RETRY_AFTER if refusal.status == 404 else None  # noqa: PLR2004 -- HTTP
            raise ProblemError(refusal.status, str(refusal), headers=headers)
        return await shown((await breaches.find([id_]))[id_])

    _add_reading(router, breaches, terms, shown)
    _add_verdicts(router, take)
    _add_consequences(router, take)
    return router


def _add_reading(
    router: APIRouter,
    breaches: BreachList,
    terms: BreachTerms,
    shown: Callable[[Breach], Awaitable[Response]],
) -> None:
    @router.get("/v1/breaches")
    async def list_breaches(
        caller: Reading,
        *,
        organisation: str | None = None,
        state: BreachState | None = None,
        open_only: bool = False,
        party: str | None = None,
        after: Id | None = None,
        limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
    ) -> Response:
        """Breaches on one's own decisions, or raised by oneself, in the order of their ids."""
        states = OPEN if open_only else tuple(BreachState)
        query = BreachQuery(
            organisations=visible(caller, organisation),
            states=[one for one in states if state in {None, one}],
            party=party,
            after=after or "",
            limit=limit,
        )
        page = await breaches.page(query)
        following = page[-1].breach_id if len(page) == limit else None
        lines = [breach_line(one, terms) for one in page]
        return json_response({"breaches": lines, "next": following})

    @router.get("/v1/breaches/{breach_id}")
    async def get_breach(breach_id: Id, caller: Reading) -> Response:
        """One breach with its story, and what comes next by when."""
        breach = (await breaches.find([breach_id])).get(breach_id)
        raised = breach.raised if breach else None
        if breach is None or raised is None:
            raise ProblemError(404, _UNKNOWN, headers=RETRY_AFTER)
        concerned = {raised.authority, raised.detail["supervisor"]}
        if not caller.may(Scope.OVERSEE) and not own(caller) & concerned:
            raise ProblemError(
                403, "只能查看本单位的违诺记录 (only its bureau and its supervisor may see it)"
            )
        return await shown(breach)


Take = Callable[[str, type[steps.BreachEvent], TakeStep, Caller], Awaitable[Response]]


def _add_verdicts(router: APIRouter, take: Take) -> None:
    @router.post("/v1/breaches/{breach_id}:notify")
    async def notify_party(breach_id: Id, body: Notify, caller: Acting) -> Response:
        """Tell the party what it is suspected of, and until when it is heard (告知)."""
        return await take(breach_id, steps.BreachNotified, body, caller)

    @router.post("/v1/breaches/{breach_id}:hear")
    async def hear_party(breach_id: Id, body: Hear, caller: Acting) -> Response:
        """Record what the party said, or that it said nothing in time (陈述申辩)."""
        return await take(breach_id, steps.BreachHeard, body, caller)

    @router.post("/v1/breaches/{breach_id}:find")
    async def find_breach(breach_id: Id, body: TakeStep, caller: Acting) -> Response:
        """Find the commitment broken (认定): it bars the party until its credit is repaired."""
        return await take(breach_id, steps.BreachFound, body, caller)

    @router.post("/v1/breaches/{breach_id}:dismiss")
    async def dismiss_breach(breach_id: Id, body: TakeStep, caller: Acting) -> Response:
        """Say that there is no breach (不成立), or set a finding aside: it leaves no mark."""
        return await take(breach_id, steps.BreachDismissed, body, caller)


def _add_consequences(router: APIRouter, take: Take) -> None:
    @router.post("/v1/breaches/{breach_id}:warn")
    async def warn_party(breach_id: Id, body: Warn, caller: Acting) -> Response:
        """Warn the party, with a term to mend it (警示、限期整改)."""
        return await take(breach_id, steps.BreachWarned, body, caller)

    @router.post("/v1/breaches/{breach_id}:mend")
    async def mend_breach(breach_id: Id, body: TakeStep, caller: Acting) -> Response:
        """Record that it was mended (整改合格)."""
        return await take(breach_id, steps.BreachMended, body, caller)

    @router.post("/v1/breaches/{breach_id}:sanction")
    async def sanction_breach(breach_id: Id, body: Sanction, caller: Acting) -> Response:
        """Annul the decision, refer for a penalty, or record it (惩戒)."""
        return await take(breach_id, steps.BreachSanctioned, body, caller)

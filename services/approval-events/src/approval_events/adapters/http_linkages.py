"""Linkages over HTTP: where each decision stands in both loops."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from approval_events.adapters.http_views import (
    RETRY_AFTER,
    json_response,
    linkage_line,
    linkage_view,
)
from approval_events.application.ports import Ledger, LinkageQuery
from approval_events.application.tell_story import (
    LinkageUnknownError,
    NotPartOfItError,
    Reader,
    Told,
)
from approval_events.domain.linkage import LinkageState
from linkage_contracts.ids import Id
from linkage_runtime.access import Caller, Scope
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.problems import ProblemError

Reading = Annotated[Caller, Depends(caller_with(Scope.READ_LINKAGES, Scope.OVERSEE))]
PAGE, LARGEST_PAGE = 50, 200


def linkages_router(tell: Callable[[str, Reader], Awaitable[Told]], ledger: Ledger) -> APIRouter:
    """Routes under ``/v1/linkages``."""
    router = APIRouter(tags=["联动 linkages"])

    @router.get("/v1/linkages/{decision_id}")
    async def get_linkage(decision_id: Id, caller: Reading) -> Response:
        """One linkage with its whole story, both directions."""
        try:
            told = await tell(decision_id, _reader(caller))
        except LinkageUnknownError as error:
            raise ProblemError(404, str(error), headers=RETRY_AFTER) from error
        except NotPartOfItError as error:
            raise ProblemError(403, str(error)) from error
        return json_response(linkage_view(told))

    @router.get("/v1/linkages")
    async def list_linkages(
        caller: Reading,
        authority: str | None = None,
        state: LinkageState | None = None,
        after: Id | None = None,
        limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
    ) -> Response:
        """Linkages of one's own authorities, in the order of their ids; ``next`` goes on."""
        query = LinkageQuery(
            authorities=visible(caller, authority), state=state, after=after or "", limit=limit
        )
        pages = await ledger.pages(query)
        following = pages[-1].decision_id if len(pages) == limit else None
        return json_response(
            {"linkages": [linkage_line(page) for page in pages], "next": following}
        )

    return router


def _reader(caller: Caller) -> Reader:
    return Reader(organisations=own(caller), oversees=caller.may(Scope.OVERSEE))


def own(caller: Caller) -> frozenset[str]:
    """The caller's organisation, and those it acts for."""
    return caller.authorities | {caller.organisation}


def visible(caller: Caller, authority: str | None) -> frozenset[str] | None:
    """Whose records this caller may list; ``None`` means all.

    Raises:
        ProblemError: it asks for another's.
    """
    if authority is None:
        return None if caller.may(Scope.OVERSEE) else own(caller)
    if authority not in own(caller) and not caller.may(Scope.OVERSEE):
        raise ProblemError(403, "只能查看本单位的记录 (an organisation lists only its own)")
    return frozenset({authority})

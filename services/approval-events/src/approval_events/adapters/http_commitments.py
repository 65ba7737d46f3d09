"""Commitments (告知承诺) over HTTP: promised, verified by when and how, kept or broken."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from approval_events.adapters.http_linkages import LARGEST_PAGE, PAGE, own, visible
from approval_events.adapters.http_views import RETRY_AFTER, json_response
from approval_events.application.commitment_ports import CommitmentList, CommitmentQuery
from approval_events.application.ports import Catalogues
from approval_events.domain.commitment import Commitment, CommitmentState
from linkage_contracts.catalogue import Catalogue
from linkage_contracts.commitment_terms import add_months
from linkage_contracts.commitment_terms import check_months as months_of
from linkage_contracts.ids import Id
from linkage_runtime.access import Caller, Scope
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.problems import ProblemError

Reading = Annotated[Caller, Depends(caller_with(Scope.READ_LINKAGES, Scope.OVERSEE))]
_UNKNOWN = "没有此承诺,或尚未入账 (no such commitment, or not yet)"
_OF_THE_DECISION = ("document_number", "document_title", "kind", "party", "items")
_OF_A_CHECK = ("recipient", "by", "outcome", "note")


def commitments_router(
    commitments: CommitmentList, catalogues: Catalogues, *, check_months: int
) -> APIRouter:
    """Routes under ``/v1/commitments``."""
    router = APIRouter(tags=["告知承诺 commitments"])

    @router.get("/v1/commitments")
    async def list_commitments(
        caller: Reading,
        *,
        authority: str | None = None,
        state: CommitmentState | None = None,
        party: str | None = None,
        after: Id | None = None,
        limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
    ) -> Response:
        """Commitments on one's own decisions, in the order of the decisions' ids."""
        query = CommitmentQuery(
            authorities=visible(caller, authority),
            state=state,
            party=party,
            after=after or "",
            limit=limit,
        )
        page = await commitments.page(query)
        catalogue = await catalogues.in_force()
        following = page[-1].decision_id if len(page) == limit else None
        lines = [commitment_view(one, catalogue, check_months) for one in page]
        return json_response({"commitments": lines, "next": following})

    @router.get("/v1/commitments/{decision_id}")
    async def get_commitment(decision_id: Id, caller: Reading) -> Response:
        """The commitment of one decision, its checks and its breaches."""
        commitment = (await commitments.find([decision_id])).get(decision_id)
        if commitment is None:
            raise ProblemError(404, _UNKNOWN, headers=RETRY_AFTER)
        if not caller.may(Scope.OVERSEE) and not own(caller) & _concerned(commitment):
            raise ProblemError(
                403, "只能查看本单位的承诺 (only its bureau and who checks it may see it)"
            )
        view = commitment_view(commitment, await catalogues.in_force(), check_months)
        return json_response(view)

    return router


def commitment_view(
    commitment: Commitment, catalogue: Catalogue, default_months: int
) -> dict[str, Any]:
    """What was promised, by when and how it is verified, and what came out."""
    promised = commitment.promised
    said: dict[str, Any] = dict(promised.detail) if promised else {}
    promise = said.get("commitment", {})
    return {
        "decision_id": commitment.decision_id,
        "authority": promised.authority if promised else None,
        "state": commitment.state,
        "promise": promise.get("text"),
        "method": promise.get("method"),
        "verify_by": promise.get("verify_by") or _verify_by(said, catalogue, default_months),
        **{field: said.get(field) for field in _OF_THE_DECISION},
        "checks": [
            {"at": check.at, **{field: check.detail.get(field) for field in _OF_A_CHECK}}
            for check in commitment.checks
        ],
        "breaches": [
            {"breach_id": breach.breach_id, "state": breach.state} for breach in commitment.breaches
        ],
    }


def _verify_by(said: dict[str, Any], catalogue: Catalogue, default_months: int) -> object:
    known = catalogue.item_by_code
    items = [known[code] for code in said.get("items", ()) if code in known]
    decided_on = said.get("decided_on")
    if decided_on is None:
        return None
    return add_months(date.fromisoformat(decided_on), months_of(items, default_months))


def _concerned(commitment: Commitment) -> set[str]:
    """The bureau, who checked it, and who raised a breach of it."""
    promised = commitment.promised
    supervisors = {
        str(raised.detail["supervisor"])
        for breach in commitment.breaches
        if (raised := breach.raised) is not None
    }
    checkers = {str(check.detail["recipient"]) for check in commitment.checks}
    return supervisors | checkers | ({str(promised.authority)} if promised else set())

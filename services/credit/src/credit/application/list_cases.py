"""List cases (信用待办): what an authority has to decide, by state, kind and day due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from credit.application.acting import NotKnownError
from credit.domain.cases import Case, CaseKind, CaseState, CaseTerms
from credit.ports import CaseLedger, CaseQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCases:
    """What to list; ``None`` of a field: all of it."""

    authorities: frozenset[str] | None
    states: Sequence[CaseState]
    kind: CaseKind | None
    due_by: date | None
    party: str | None
    after: str | None
    limit: int


async def list_cases(
    asked: ListCases, *, cases: CaseLedger, terms: CaseTerms
) -> tuple[Sequence[Case], str | None]:
    """A page, what was filed first first, and the case after which the next one begins.

    Raises:
        NotKnownError: there is no case to go on after.
    """
    after = await cases.of_id(asked.after) if asked.after else None
    if asked.after and after is None:
        raise NotKnownError("after: 没有此待办 (there is no such case to go on after)")
    kinds = [asked.kind] if asked.kind else list(CaseKind)
    query = CaseQuery(
        authorities=asked.authorities,
        states=asked.states,
        filed_until={
            kind: terms.last_filed(kind, asked.due_by) if asked.due_by else date.max
            for kind in kinds
        },
        party=asked.party,
        after=after,
        limit=asked.limit,
    )
    page = await cases.page(query)
    return page, page[-1].case_id if len(page) == asked.limit else None

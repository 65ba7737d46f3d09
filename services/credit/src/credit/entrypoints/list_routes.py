"""Lists (名单) as they stand on a day: a bidders' preselection with its eliminations among them."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from credit.application.acting import NotKnownError
from credit.application.draw_up_list import Entry, Place
from credit.bootstrap import today
from credit.entrypoints.wiring import Limit, Service
from linkage_runtime.access import Scope
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.problems import ProblemError
from linkage_runtime.sent import PlausibleDay

router = APIRouter(
    prefix="/v1/lists",
    tags=["名单 lists"],
    dependencies=[Depends(caller_with(Scope.ASK_ELIGIBILITY, Scope.ACT_ON_CREDIT))],
)


class PlaceAnswer(BaseModel):
    """A party on the list; what eliminates it stands beside it, with its ground."""

    party: str
    party_name: str | None
    eligible: bool
    """Whether nothing eliminates it."""
    entry: Entry
    eliminated_by: tuple[Entry, ...]

    @classmethod
    def of(cls, place: Place) -> "PlaceAnswer":
        """The place as it is shown."""
        return cls(
            party=place.entry.party,
            party_name=place.party_name,
            eligible=not place.eliminated_by,
            entry=place.entry,
            eliminated_by=place.eliminated_by,
        )


class ListAnswer(BaseModel):
    """A page of the list; ``next`` is the ``after`` of the following one."""

    list_code: str
    on: date
    entries: tuple[PlaceAnswer, ...]
    next: str | None


@router.get("/{list_code}/entries")
async def entries(
    list_code: str,
    credit: Service,
    *,
    on: PlausibleDay | None = None,
    after: Annotated[str, Query(max_length=120)] = "",
    limit: Limit = 100,
) -> ListAnswer:
    """Who stands on the list as of a day, on what ground; who is eliminated from it, and why."""
    day = on or today()
    try:
        drawn_up = await credit.list_as_of(list_code, day, after=after, limit=limit)
    except NotKnownError as error:
        raise ProblemError(404, str(error)) from error
    shown = tuple(map(PlaceAnswer.of, drawn_up.places))
    return ListAnswer(list_code=list_code, on=day, entries=shown, next=drawn_up.next)

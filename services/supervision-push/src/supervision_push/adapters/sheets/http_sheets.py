"""The 待办 sheet: downloaded, filled in and uploaded by whoever has no program of their own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Protocol

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import AuthorityKind
from linkage_runtime.clock import SHANGHAI
from linkage_runtime.http.access import require_organisation
from linkage_runtime.http.problems import ProblemError
from linkage_runtime.tables.source import UnreadableTableError
from supervision_push.adapters.pushes.http_push_models import MAX_PAGE
from supervision_push.adapters.pushes.http_pushes import Acting, Reading
from supervision_push.adapters.sheets.sheet_columns import MAX_ROWS
from supervision_push.adapters.sheets.sheet_outcomes import ToldRow, counts, summary, told_rows
from supervision_push.adapters.sheets.sheet_reading import SheetTooLargeError, read_sheet
from supervision_push.adapters.sheets.sheet_views import todo_row
from supervision_push.adapters.sheets.sheet_writing import TodoSheet
from supervision_push.application.act_by_sheet import SheetActs, act_by_sheet
from supervision_push.application.act_on_pushes import Actor
from supervision_push.application.ports import Catalogues
from supervision_push.domain.steps import PushState

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILE: Final = {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}
_TO_DO: Final = (PushState.OPEN, PushState.RECEIVED)


class Todo(Protocol):
    """Pages of one organisation's pushes; see ``PushViews``."""

    async def pushes(
        self, organisation: str, *, state: PushState | None, after: str | None, limit: int
    ) -> dict[str, Any]:
        """``pushes``, and ``next`` where there are more."""


def sheets_router(
    todo: Todo, acts: SheetActs, catalogues: Catalogues, clock: Callable[[], datetime]
) -> APIRouter:
    """Download and upload; the file is the body of the request, as it was saved."""
    router = APIRouter(tags=["sheets 待办表"])

    @router.get(
        "/v1/pushes.xlsx",
        summary="下载待办表 Download the to-do sheet",
        response_class=Response,
        responses={200: _FILE},
    )
    async def download(caller: Reading, organisation: str | None = None) -> Response:
        """What is open or received, oldest first, with columns to fill in; 10,000 rows at most."""
        whose = organisation or caller.organisation
        require_organisation(caller, whose)
        catalogue = await catalogues.in_force()
        names = {one.id: one.name for one in catalogue.authorities}
        made = f"{clock().astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        about = f"{names.get(whose, whose)} 待办表,{made} 生成;最多 {MAX_ROWS} 行,先到的在前"
        sheet = TodoSheet(_supervising(catalogue), about=about)
        async for page in _pages(todo, whose):
            # openpyxl is busy for a while with every page, and others are served meanwhile.
            await asyncio.to_thread(sheet.add, [todo_row(push, names) for push in page])
        return await _file(sheet, "daiban.xlsx")

    @router.post(
        "/v1/pushes:upload",
        summary="上传填好的待办表 Upload the sheet, filled in",
        response_class=JSONResponse,
        responses={200: _FILE},
        openapi_extra={"requestBody": {"required": True, **_FILE}},
    )
    async def upload(
        request: Request, caller: Acting, accept: Annotated[str, Header()] = "application/json"
    ) -> Response:
        """Each row is done or told why not, in JSON, or in the same sheet if that is accepted."""
        file = await request.body()
        try:
            rows = await asyncio.to_thread(read_sheet, file)
        except SheetTooLargeError as error:
            raise ProblemError(413, str(error)) from error
        except UnreadableTableError as error:
            raise ProblemError(422, str(error)) from error
        actor = Actor(organisation=caller.organisation, at=clock())
        done = await act_by_sheet(
            [row.filled for row in rows if row.filled], actor=actor, acts=acts
        )
        told = told_rows(rows, done)
        if XLSX not in accept:
            asked = [row.as_dict() for row in told if row.outcome != "empty"]
            return JSONResponse({"counts": counts(told), "rows": asked})
        return await _answer(told, await catalogues.in_force())

    return router


async def _answer(told: Sequence[ToldRow], catalogue: Catalogue) -> Response:
    sheet = TodoSheet(_supervising(catalogue), about=summary(told), answers=True)
    await asyncio.to_thread(sheet.add, [row.as_cells() for row in told])
    return await _file(sheet, "daiban-jieguo.xlsx")


async def _file(sheet: TodoSheet, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(await asyncio.to_thread(sheet.to_bytes), media_type=XLSX, headers=headers)


async def _pages(todo: Todo, whose: str) -> AsyncIterator[list[Mapping[str, Any]]]:
    left = MAX_ROWS
    for state in _TO_DO:
        after: str | None = None
        while left:
            limit = min(MAX_PAGE, left)
            page = await todo.pushes(whose, state=state, after=after, limit=limit)
            yield page["pushes"]
            left -= len(page["pushes"])
            after = page.get("next")
            if after is None:
                break


def _supervising(catalogue: Catalogue) -> list[str]:
    return [
        f"{one.id} {one.name}"
        for one in catalogue.authorities
        if one.kind is AuthorityKind.SUPERVISING
    ]

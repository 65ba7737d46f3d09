"""The 待办 sheet over HTTP, on a stage in memory, and as a clerk fills it in."""

from collections.abc import Mapping
from functools import partial
from io import BytesIO
from typing import Any

import httpx
from fastapi import FastAPI
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from linkage_runtime.http.problems import answer_problems
from supervision_push.adapters.pushes.push_documents import push_document
from supervision_push.adapters.pushes.push_views import push_view
from supervision_push.adapters.sheets.http_sheets import XLSX, sheets_router
from supervision_push.adapters.sheets.sheet_columns import COLUMNS, PENDING_TITLE, TITLES
from supervision_push.domain.steps import PushState
from tests.unit.push_builders import MARKET
from tests.unit.push_stage import MemoryStage
from tests.unit.test_push_api import KeysInMemory, acts_on, as_


class MemoryTodo:
    """What the API shows of the stage's pushes."""

    def __init__(self, stage: MemoryStage) -> None:
        self._pushes = stage.pushes

    async def pushes(
        self, organisation: str, *, state: PushState | None, after: str | None, limit: int
    ) -> dict[str, Any]:
        bodies = self._pushes.bodies
        found = [
            push_view(push_document(push, bodies[push.push_id]))
            for push in sorted(self._pushes.stored.values(), key=lambda push: push.push_id)
            if push.recipient == organisation
            and push.state is state
            and (after is None or push.push_id > after)
        ][:limit]
        page: dict[str, Any] = {"pushes": found}
        return page | ({"next": found[-1]["push_id"]} if len(found) == limit else {})


def sheet_client(stage: MemoryStage) -> httpx.AsyncClient:
    app = FastAPI()
    app.state.api_keys = KeysInMemory()
    acts = acts_on(stage).of_sheets
    clock = partial(stage.later, 1)
    app.include_router(sheets_router(MemoryTodo(stage), acts, stage.catalogues, clock))
    answer_problems(app)
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers=as_(MARKET))


def sheet_in(file: bytes) -> Worksheet:
    sheet: Worksheet = load_workbook(BytesIO(file))[PENDING_TITLE]
    return sheet


def titles_of(sheet: Worksheet) -> list[str]:
    return [str(title) for title in next(sheet.iter_rows(max_row=1, values_only=True))]


def rows_in(file: bytes) -> list[dict[str, str]]:
    """By column key; empty cells are left out."""
    titles, *rows = sheet_in(file).iter_rows(values_only=True)
    keys = [next(one.key for one in COLUMNS if one.title == title) for title in titles]
    return [
        {key: str(value) for key, value in zip(keys, row, strict=True) if value is not None}
        for row in rows
    ]


def fill_in(file: bytes, *rows: Mapping[str, object]) -> bytes:
    """Type into the rows below the header, as a clerk does, and save."""
    book = load_workbook(BytesIO(file))
    sheet = book[PENDING_TITLE]
    columns = {title: number for number, title in enumerate(titles_of(sheet), start=1)}
    for number, row in enumerate(rows, start=2):
        for key, value in row.items():
            sheet.cell(number, columns[TITLES[key]], value=str(value))
    return saved(book)


def a_sheet(*rows: Mapping[str, object]) -> bytes:
    """A workbook of nobody's making, with our titles."""
    book = Workbook()
    sheet = book.create_sheet(PENDING_TITLE, 0)
    sheet.append([column.title for column in COLUMNS])
    for row in rows:
        sheet.append([row.get(column.key) for column in COLUMNS])
    return saved(book)


def saved(book: Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


async def uploaded(client: httpx.AsyncClient, file: bytes) -> dict[str, Any]:
    answer = await client.post("/v1/pushes:upload", content=file, headers={"Content-Type": XLSX})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told

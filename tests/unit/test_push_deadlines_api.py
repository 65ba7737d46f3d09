"""The routes by which deadlines are moved."""

from collections.abc import AsyncIterator
from functools import partial

import httpx
import pytest
from fastapi import FastAPI

from linkage_contracts.ids import stable_id
from linkage_runtime.access import Scope
from linkage_runtime.http.problems import answer_problems
from supervision_push.adapters.deadlines.http_deadlines import deadlines_router
from supervision_push.application.move_deadlines import move_deadlines
from tests.unit.clock_fakes import PUSH, FakeClocks, a_running, a_subject
from tests.unit.push_builders import FIRE, MARKET, NOON, OVERSIGHT, a_catalogue, a_schedule
from tests.unit.push_fakes import FakeCatalogues
from tests.unit.test_push_api import KeysInMemory, as_
from tests.unit.test_push_deadlines import LIMITS

CLERK = {"by": "zhang-3", "reason": "待检测报告"}
RECEIPT = f"/v1/pushes/{PUSH}/clocks/receipt"


@pytest.fixture
def clocks() -> FakeClocks:
    return FakeClocks.of(a_subject(PUSH, a_running()))


@pytest.fixture
async def client(clocks: FakeClocks) -> AsyncIterator[httpx.AsyncClient]:
    moves = partial(
        move_deadlines,
        clocks=clocks,
        catalogues=FakeCatalogues(a_catalogue()),
        schedule=a_schedule(),
        limits=LIMITS,
    )
    app = FastAPI()
    app.state.api_keys = KeysInMemory()
    app.include_router(deadlines_router("pushes", moves, LIMITS, lambda: NOON))
    answer_problems(app)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


async def test_a_deadline_stands_still_and_runs_again(
    client: httpx.AsyncClient, clocks: FakeClocks
) -> None:
    for verb, stands_still in (("pause", True), ("resume", False)):
        answer = await client.post(f"{RECEIPT}:{verb}", json=CLERK, headers=as_(MARKET))
        assert (answer.status_code, answer.json()) == (200, {"done": PUSH})
        assert (clocks.clock(PUSH).pause is not None) is stands_still


async def test_an_extension_names_its_working_days(
    client: httpx.AsyncClient, clocks: FakeClocks
) -> None:
    answer = await client.post(f"{RECEIPT}:extend", json=CLERK, headers=as_(MARKET))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/working_days"
    assert clocks.clock(PUSH).moves == ()


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        (FIRE, RECEIPT, 403),
        (f"{MARKET}/{Scope.READ_FEED}", RECEIPT, 403),
        (MARKET, f"/v1/pushes/{PUSH}/clocks/inspection", 409),
        (MARKET, f"/v1/pushes/{stable_id('push', '9')}/clocks/receipt", 404),
        (MARKET, f"/v1/pushes/{PUSH}/clocks/lunch", 422),
        (f"{OVERSIGHT}/{Scope.OVERSEE}", RECEIPT, 200),
    ],
)
async def test_what_cannot_be_done_is_a_problem(
    client: httpx.AsyncClient, who: str, path: str, status: int
) -> None:
    body = CLERK | {"working_days": 5}
    answer = await client.post(f"{path}:extend", json=body, headers=as_(who))
    assert answer.status_code == status


async def test_the_same_deadline_of_many_is_moved_at_once(client: httpx.AsyncClient) -> None:
    body = CLERK | {"working_days": 5, "ids": [PUSH, "unknown"], "clock": "receipt"}
    answer = await client.post("/v1/pushes/clocks:extend", json=body, headers=as_(MARKET))
    assert answer.json()["done"] == [PUSH]
    assert [one["status"] for one in answer.json()["refused"]] == [404]

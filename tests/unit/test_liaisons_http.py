"""Naming liaisons over HTTP: who may, and what is refused."""

from collections.abc import AsyncIterator
from functools import partial

import httpx
import pytest
from fastapi import FastAPI

from linkage_runtime.http.problems import answer_problems
from supervision_push.adapters.notices.http_liaisons import liaisons_router
from supervision_push.application.name_liaisons import name_liaisons
from supervision_push.domain.digest import Via
from tests.unit.push_builders import FIRE, MARKET
from tests.unit.test_notices import CountedFeed, MemoryReaders
from tests.unit.test_push_api import KeysInMemory, as_

OWN = f"/v1/organisations/{MARKET}/liaisons"
LI = {"name": "li", "via": "email", "address": "li@example.cn"}


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    readers = MemoryReaders()
    name = partial(
        name_liaisons, readers=readers, watermarks=CountedFeed(), partition_of=lambda _: 0
    )
    app = FastAPI()
    app.state.api_keys = KeysInMemory()
    app.include_router(liaisons_router(name, readers, {Via.EMAIL}))
    answer_problems(app)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=as_(MARKET)
    ) as client:
        yield client


async def test_liaisons_are_named_shown_and_named_no_more(http: httpx.AsyncClient) -> None:
    assert (await http.get(OWN)).json() == {"organisation": MARKET, "liaisons": []}
    named = await http.put(OWN, json={"liaisons": [LI]})
    assert named.json() == {"organisation": MARKET, "liaisons": [LI]}
    assert (await http.put(OWN, json={"liaisons": []})).json()["liaisons"] == []


async def test_an_organisation_names_its_own_and_an_administrator_anybodys(
    http: httpx.AsyncClient,
) -> None:
    body = {"liaisons": [LI]}
    assert (await http.put(OWN, json=body, headers=as_(FIRE))).status_code == 403
    assert (await http.get(OWN, headers=as_(f"{FIRE}/oversight"))).status_code == 403
    assert (await http.put(OWN, json=body, headers=as_("x/admin"))).status_code == 200


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"via": "http"}, "/liaisons/0/via"),
        ({"via": "pigeon"}, "/liaisons/0/via"),
        ({"address": "li"}, "/liaisons/0/address"),
        ({"address": "li@a.cn\nBcc: all@a.cn"}, "/liaisons/0/address"),
        ({"address": "li@a.cn,all@a.cn"}, "/liaisons/0/address"),
        ({"address": "=?utf-8?b?DQpCY2M6IGFsbEBhLmNu?=@a.cn"}, "/liaisons/0/address"),
        ({"address": "li@a..cn"}, "/liaisons/0/address"),
        ({"name": "11010519491231002X"}, "/liaisons/0/name"),
        ({"colour": "red"}, "/liaisons/0/colour"),
    ],
)
async def test_what_cannot_be_told_is_refused_with_its_field(
    http: httpx.AsyncClient, changed: dict[str, str], pointer: str
) -> None:
    answer = await http.put(OWN, json={"liaisons": [LI | changed]})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]

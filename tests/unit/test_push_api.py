"""The routes of pushes and the pool: one refusal stands beside what was done."""

from collections.abc import AsyncIterator
from functools import partial

import httpx
import pytest
from fastapi import FastAPI

from linkage_contracts.ids import push_id, stable_id
from linkage_runtime.access import ApiKeys, Caller, Scope
from linkage_runtime.http.problems import answer_problems
from supervision_push.adapters.pushes.http_push import one_push_router
from supervision_push.adapters.pushes.http_pushes import PushActs, acts_router
from supervision_push.application.act_on_pushes import Actor, Outcome
from supervision_push.application.claim_pool import ClaimPool, claim_pool
from supervision_push.application.enrol_parties import enrol_parties
from supervision_push.application.feed_back import feed_back
from supervision_push.application.record_receipts import RecordReceipts, record_receipts
from supervision_push.application.return_pushes import ReturnPushes, return_pushes
from supervision_push.domain.pool import pool_id
from tests.unit.push_builders import FIRE, MARKET, NOON, a_catalogue, a_decision, a_schedule
from tests.unit.push_stage import MemoryStage, memory_stage

EVENT = a_decision(a_catalogue())
OFF_LIST = a_decision(a_catalogue(), number="9", items=())
PUSH, POOLED = push_id(EVENT.id, MARKET, 0), pool_id(OFF_LIST.id, None)


class KeysInMemory(ApiKeys):
    """A key reads ``organisation`` or ``organisation/scope``."""

    def __init__(self) -> None:
        """No collection is behind it."""

    async def caller(self, presented: str) -> Caller | None:
        organisation, _, scope = presented.partition("/")
        return Caller(
            key_id="k",
            organisation=organisation,
            name=organisation,
            scopes=frozenset({scope or str(Scope.ACT_ON_PUSHES)}),
            authorities=frozenset(),
        )


def acts_on(stage: MemoryStage) -> PushActs:
    """The acts of the API on the stage's books."""
    books, catalogues = stage.books, stage.catalogues

    async def receive(command: RecordReceipts, actor: Actor) -> Outcome:
        return await record_receipts(command, actor=actor, pushes=books.pushes)

    async def return_(command: ReturnPushes, actor: Actor) -> Outcome:
        return await return_pushes(
            command, actor=actor, books=books, catalogues=catalogues, schedule=a_schedule()
        )

    async def claim(command: ClaimPool, actor: Actor) -> Outcome:
        return await claim_pool(
            command, actor=actor, books=books, catalogues=catalogues, schedule=a_schedule()
        )

    return PushActs(
        receive=receive,
        return_=return_,
        enrol=lambda command, actor: enrol_parties(command, actor=actor, pushes=books.pushes),
        feed_back=lambda command, actor: feed_back(command, actor=actor, pushes=books.pushes),
        claim=claim,
    )


@pytest.fixture
async def stage() -> MemoryStage:
    opened = memory_stage()
    await opened.route(EVENT, OFF_LIST)
    return opened


@pytest.fixture
async def client(stage: MemoryStage) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.api_keys = KeysInMemory()
    app.include_router(acts_router(acts_on(stage), partial(stage.later, 1)))
    app.include_router(one_push_router(acts_on(stage), partial(stage.later, 1)))
    answer_problems(app)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


def as_(organisation: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {organisation}"}


async def test_a_refusal_stands_beside_what_was_done(client: httpx.AsyncClient) -> None:
    unknown = stable_id("push", "unknown")
    answer = await client.post(
        "/v1/pushes:receive",
        json={"push_ids": [PUSH, unknown], "by": "zhang-3"},
        headers=as_(MARKET),
    )
    assert answer.status_code == 200
    assert answer.json()["done"] == [PUSH]
    refused = answer.json()["refused"]
    assert [(one["id"], one["status"]) for one in refused] == [(unknown, 404)]
    assert "尚未到达" in refused[0]["detail"]
    assert int(answer.headers["Retry-After"]) > 0


async def test_nothing_says_to_try_again_when_all_is_done(client: httpx.AsyncClient) -> None:
    body = {"push_ids": [PUSH], "by": "zhang-3"}
    answer = await client.post("/v1/pushes:receive", json=body, headers=as_(MARKET))
    assert "Retry-After" not in answer.headers


async def test_the_whole_first_loop_by_its_routes(
    client: httpx.AsyncClient, stage: MemoryStage
) -> None:
    clerk = {"by": "zhang-3"}
    for path, body in (
        ("pushes:receive", {"push_ids": [PUSH]}),
        ("pushes:enrol", {"push_ids": [PUSH], "note": "档案 12"}),
        (
            "pushes:feed-back",
            {"feedback": [{"push_id": PUSH, "duty": "inspection", "outcome": "conforms"}]},
        ),
    ):
        answer = await client.post(f"/v1/{path}", json=body | clerk, headers=as_(MARKET))
        assert answer.json() == {"done": [PUSH], "refused": []}
    assert (await stage.push(EVENT, MARKET)).state == "closed"


async def test_a_return_and_a_claim_by_their_routes(
    client: httpx.AsyncClient, stage: MemoryStage
) -> None:
    body = {"push_ids": [PUSH], "by": "zhang-3", "reason": "非本局职责", "suggested": FIRE}
    answer = await client.post("/v1/pushes:return", json=body, headers=as_(MARKET))
    assert answer.json()["done"] == [PUSH]
    assert (await stage.push(EVENT, FIRE, 1, pool_id(EVENT.id, PUSH))).rerouted_from == MARKET
    claim = {"pool_ids": [POOLED], "by": "li-4", "reason": "本局职责"}
    first = await client.post("/v1/pool:claim", json=claim, headers=as_(FIRE))
    second = await client.post("/v1/pool:claim", json=claim, headers=as_(MARKET))
    assert first.json()["done"] == [POOLED]
    assert [one["status"] for one in second.json()["refused"]] == [409]


async def test_a_key_without_the_scope_does_nothing(
    client: httpx.AsyncClient, stage: MemoryStage
) -> None:
    body = {"push_ids": [PUSH], "by": "zhang-3"}
    answer = await client.post(
        "/v1/pushes:receive", json=body, headers=as_(f"{MARKET}/{Scope.READ_FEED}")
    )
    assert answer.status_code == 403
    assert (await stage.push(EVENT, MARKET)).receipt is None


@pytest.mark.parametrize(
    "body",
    [
        {"push_ids": [], "by": "zhang-3"},
        {"push_ids": ["x"] * 1_001, "by": "zhang-3"},
        {"push_ids": [PUSH]},
        {"push_ids": [PUSH], "by": "zhang-3", "when": "now"},
        {"push_ids": [PUSH], "by": "11010519491231002X"},
    ],
)
async def test_a_body_that_breaks_a_rule_is_a_problem_and_does_nothing(
    client: httpx.AsyncClient, stage: MemoryStage, body: dict[str, object]
) -> None:
    answer = await client.post("/v1/pushes:receive", json=body, headers=as_(MARKET))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "11010519491231002X" not in answer.text
    assert (await stage.push(EVENT, MARKET)).receipt is None


async def test_acts_carry_the_time_at_which_they_were_called(
    client: httpx.AsyncClient, stage: MemoryStage
) -> None:
    body = {"push_ids": [PUSH], "by": "zhang-3"}
    await client.post("/v1/pushes:receive", json=body, headers=as_(MARKET))
    receipt = (await stage.push(EVENT, MARKET)).receipt
    assert receipt is not None
    assert receipt.at == stage.at > NOON


async def test_the_acts_on_one_push_are_done_or_refused_as_a_problem(
    client: httpx.AsyncClient, stage: MemoryStage
) -> None:
    clerk, one = {"by": "zhang-3"}, f"/v1/pushes/{PUSH}"
    early = await client.post(f"{one}:enrol", json=clerk, headers=as_(MARKET))
    assert early.status_code == 409
    assert "请先签收" in early.json()["detail"]
    inspected = clerk | {"duty": "inspection", "outcome": "conforms"}
    for verb, body in (("receive", clerk), ("enrol", clerk), ("feed-back", inspected)):
        for _ in range(2):
            answer = await client.post(f"{one}:{verb}", json=body, headers=as_(MARKET))
            assert (answer.status_code, answer.json()) == (200, {"done": PUSH})
    assert (await stage.push(EVENT, MARKET)).state == "closed"
    late = clerk | {"reason": "非本局职责"}
    assert (await client.post(f"{one}:return", json=late, headers=as_(MARKET))).status_code == 409


async def test_one_push_is_unknown_foreign_or_claimed_by_another(client: httpx.AsyncClient) -> None:
    clerk, reason = {"by": "zhang-3"}, {"by": "zhang-3", "reason": "本局职责"}
    nowhere = f"/v1/pushes/{stable_id('push', 'unknown')}:receive"
    unknown = await client.post(nowhere, json=clerk, headers=as_(MARKET))
    assert unknown.status_code == 404
    assert int(unknown.headers["Retry-After"]) > 0
    foreign = await client.post(f"/v1/pushes/{PUSH}:receive", json=clerk, headers=as_(FIRE))
    assert foreign.status_code == 403
    claim = f"/v1/pool/{POOLED}:claim"
    assert (await client.post(claim, json=reason, headers=as_(FIRE))).json() == {"done": POOLED}
    assert (await client.post(claim, json=reason, headers=as_(MARKET))).status_code == 409

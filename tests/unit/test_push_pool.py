"""Returns, reroutes and claims: one has it, nothing waits unseen, a crash is made good."""

import pytest

from linkage_contracts.codes import DecisionKind, Duty
from linkage_contracts.ids import push_id, stable_id
from linkage_contracts.progress import PushOpened, PushReturned
from linkage_contracts.topics import PROGRESS
from linkage_runtime.errors import TransientError
from supervision_push.application.act_on_pushes import Outcome, Refusal
from supervision_push.domain.pool import pool_id
from supervision_push.domain.steps import PushState
from tests.unit.push_builders import (
    CITY_HEALTH,
    FIRE,
    FOOD,
    HEALTH,
    MARKET,
    OVERSIGHT,
    a_catalogue,
    a_decision,
)
from tests.unit.push_stage import MemoryStage, memory_stage

EVENT = a_decision(a_catalogue())
OFF_LIST = a_decision(a_catalogue(), number="9", items=("999999999999",))
PUSH = push_id(EVENT.id, MARKET, 0)
RETURNED = pool_id(EVENT.id, PUSH)
POOLED = pool_id(OFF_LIST.id, None)
NOWHERE = stable_id("push", "nowhere")


@pytest.fixture
async def stage() -> MemoryStage:
    opened = memory_stage()
    await opened.route(EVENT, OFF_LIST)
    opened.publisher.published.clear()
    return opened


def why(outcome: Outcome) -> list[tuple[str, Refusal]]:
    return [(one.id, one.why) for one in outcome.refused]


async def test_a_returned_push_waits_in_the_pool(stage: MemoryStage) -> None:
    await stage.return_(MARKET, PUSH)
    entry = stage.pool.entries[pool_id(EVENT.id, PUSH)]
    assert (entry.returned_by, entry.claim, entry.owes) == (
        MARKET,
        None,
        (Duty.RECEIPT, Duty.ENROLMENT, Duty.INSPECTION),
    )
    told = stage.publisher.on(PROGRESS)[0]
    assert isinstance(told, PushReturned)
    assert told.data.pool_id == entry.pool_id


async def test_a_return_that_names_an_authority_is_rerouted_at_once(stage: MemoryStage) -> None:
    await stage.return_(MARKET, PUSH, suggested=FIRE)
    rerouted = await stage.push(EVENT, FIRE, 1, RETURNED)
    assert rerouted.owes == (Duty.RECEIPT, Duty.ENROLMENT, Duty.INSPECTION)
    assert stage.publisher.types() == ["linkage.push.returned.v1", "linkage.push.opened.v1"]
    opened = stage.publisher.on(PROGRESS)[1]
    assert isinstance(opened, PushOpened)
    assert (opened.data.round, opened.data.resolves) == (1, pool_id(EVENT.id, PUSH))
    entry = stage.publisher.feed_of(FIRE)[0]
    assert entry.data.rerouted_from == MARKET  # type: ignore[attr-defined]


@pytest.mark.parametrize("suggested", ["nobody", OVERSIGHT, MARKET])
async def test_a_return_that_names_nobody_who_supervises_waits(
    stage: MemoryStage, suggested: str
) -> None:
    await stage.return_(MARKET, PUSH, suggested=suggested)
    entry = stage.pool.entries[pool_id(EVENT.id, PUSH)]
    assert (entry.claim, entry.suggested) == (None, suggested)


async def test_a_return_is_finished_after_a_crash(stage: MemoryStage) -> None:
    stage.publisher.failures = 1
    with pytest.raises(TransientError):
        await stage.return_(MARKET, PUSH, suggested=FIRE)
    await stage.finish()
    assert (await stage.push(EVENT, FIRE, 1, RETURNED)).recipient == FIRE
    assert sorted(stage.publisher.types()) == [
        "linkage.push.opened.v1",
        "linkage.push.returned.v1",
    ]
    assert (await stage.finish()).any is False


async def test_a_rerouted_push_that_is_returned_goes_on_in_another_round(
    stage: MemoryStage,
) -> None:
    await stage.return_(MARKET, PUSH, suggested=FIRE)
    rerouted = push_id(EVENT.id, FIRE, 1, RETURNED)
    await stage.return_(FIRE, rerouted, suggested=MARKET)
    again = await stage.push(EVENT, MARKET, 2, pool_id(EVENT.id, rerouted))
    assert again.state is PushState.OPEN
    assert (await stage.push(EVENT, MARKET)).state is PushState.RETURNED


async def test_a_claim_opens_a_push_that_settles_the_pool_entry(stage: MemoryStage) -> None:
    assert (await stage.claim(FIRE, POOLED)).done == (POOLED,)
    push = await stage.push(OFF_LIST, FIRE, 1, POOLED)
    assert (push.resolves, push.owes) == (POOLED, (Duty.RECEIPT, Duty.ENROLMENT))
    assert stage.publisher.types() == ["linkage.push.opened.v1"]


async def test_of_two_claims_one_wins_and_the_other_is_told_so(stage: MemoryStage) -> None:
    async def faster() -> None:
        await stage.claim(MARKET, POOLED)

    stage.pool.before_take = faster
    assert why(await stage.claim(FIRE, POOLED)) == [(POOLED, Refusal.TAKEN)]
    opened = [push for push in stage.pushes.stored.values() if push.event_id == OFF_LIST.id]
    assert [push.recipient for push in opened] == [MARKET]


async def test_a_second_claim_by_the_same_authority_is_done(stage: MemoryStage) -> None:
    await stage.claim(FIRE, POOLED)
    assert (await stage.claim(FIRE, POOLED)).done == (POOLED,)
    assert stage.publisher.types() == ["linkage.push.opened.v1"]


@pytest.mark.parametrize("claimer", [OVERSIGHT, HEALTH, "nobody"])
async def test_only_a_supervising_authority_of_the_region_claims(
    stage: MemoryStage, claimer: str
) -> None:
    assert why(await stage.claim(claimer, POOLED)) == [(POOLED, Refusal.FOREIGN)]


async def test_an_authority_of_the_region_above_may_claim(stage: MemoryStage) -> None:
    assert (await stage.claim(CITY_HEALTH, POOLED)).done == (POOLED,)


async def test_a_claim_is_finished_after_a_crash(stage: MemoryStage) -> None:
    stage.publisher.failures = 1
    with pytest.raises(TransientError):
        await stage.claim(FIRE, POOLED)
    await stage.finish()
    assert (await stage.push(OFF_LIST, FIRE, 1, POOLED)).state is PushState.OPEN
    assert stage.publisher.types() == ["linkage.push.opened.v1"]


async def test_one_authority_may_claim_two_returned_pushes_of_one_decision(
    stage: MemoryStage,
) -> None:
    other = push_id(EVENT.id, CITY_HEALTH, 0)
    await stage.return_(MARKET, PUSH)
    await stage.return_(CITY_HEALTH, other)
    await stage.claim(FIRE, pool_id(EVENT.id, PUSH), pool_id(EVENT.id, other))
    claimed = [push for push in stage.pushes.stored.values() if push.recipient == FIRE]
    assert {push.resolves for push in claimed} == {
        pool_id(EVENT.id, PUSH),
        pool_id(EVENT.id, other),
    }


async def test_two_returned_to_the_same_authority_at_one_moment_are_two_pushes(
    stage: MemoryStage,
) -> None:
    other = push_id(EVENT.id, CITY_HEALTH, 0)

    async def meanwhile() -> None:
        await stage.return_(CITY_HEALTH, other, suggested=FIRE)

    stage.pool.before_take = meanwhile
    await stage.return_(MARKET, PUSH, suggested=FIRE)
    rerouted = [push for push in stage.pushes.stored.values() if push.recipient == FIRE]
    assert {push.resolves for push in rerouted} == {
        pool_id(EVENT.id, PUSH),
        pool_id(EVENT.id, other),
    }


async def test_a_claim_of_what_was_annulled_meanwhile_is_opened_and_recalled(
    stage: MemoryStage,
) -> None:
    await stage.return_(MARKET, PUSH)
    annulment = a_decision(a_catalogue(), DecisionKind.ANNULLED, items=(FOOD,))
    await stage.route(annulment)
    stage.publisher.published.clear()
    await stage.claim(FIRE, pool_id(EVENT.id, PUSH))
    assert (await stage.push(EVENT, FIRE, 1, RETURNED)).state is PushState.RECALLED
    assert [event.type for event in stage.publisher.feed_of(FIRE)] == [
        "linkage.feed.push-opened.v1",
        "linkage.feed.push-recalled.v1",
    ]


async def test_what_the_pool_does_not_know_yet_is_said_to_be_unknown(
    stage: MemoryStage,
) -> None:
    assert why(await stage.claim(FIRE, NOWHERE)) == [(NOWHERE, Refusal.UNKNOWN)]

"""Acts on pushes: done, refused, raced, and told after a crash."""

import pytest

from linkage_contracts.codes import Duty
from linkage_contracts.ids import push_id, stable_id
from linkage_contracts.topics import PROGRESS
from linkage_runtime.errors import TransientError
from supervision_push.application.act_on_pushes import Outcome, Refusal
from supervision_push.domain.pool import pool_id
from tests.unit.push_builders import (
    CITY_HEALTH,
    MARKET,
    a_catalogue,
    a_decision,
)
from tests.unit.push_stage import MemoryStage, memory_stage

EVENT = a_decision(a_catalogue())
OFF_LIST = a_decision(a_catalogue(), number="9", items=("999999999999",))
PUSH = push_id(EVENT.id, MARKET, 0)
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


async def test_a_receipt_is_told_once_with_the_clerk_who_signed(stage: MemoryStage) -> None:
    await stage.receive(MARKET, PUSH)
    await stage.receive(MARKET, PUSH, by="clerk-2")
    received = stage.publisher.on(PROGRESS)
    assert [event.type for event in received] == ["linkage.push.received.v1"]
    assert received[0].data.by == "clerk-1"  # type: ignore[attr-defined]


async def test_a_second_receipt_is_done_and_no_error(stage: MemoryStage) -> None:
    await stage.receive(MARKET, PUSH)
    assert await stage.receive(MARKET, PUSH) == Outcome(done=(PUSH,))


async def test_one_bad_id_costs_no_good_one(stage: MemoryStage) -> None:
    foreign = push_id(EVENT.id, CITY_HEALTH, 0)
    outcome = await stage.receive(MARKET, NOWHERE, foreign, PUSH)
    assert outcome.done == (PUSH,)
    assert why(outcome) == [(NOWHERE, Refusal.UNKNOWN), (foreign, Refusal.FOREIGN)]
    assert (await stage.push(EVENT, CITY_HEALTH)).receipt is None


async def test_what_is_out_of_order_is_refused_with_a_reason_in_chinese_first(
    stage: MemoryStage,
) -> None:
    outcome = await stage.enrol(MARKET, PUSH)
    assert why(outcome) == [(PUSH, Refusal.OUT_OF_ORDER)]
    assert outcome.refused[0].detail.startswith("请先签收")


async def test_two_clerks_at_the_same_moment_make_one_receipt(stage: MemoryStage) -> None:
    async def faster() -> None:
        await stage.receive(MARKET, PUSH, by="clerk-2")

    stage.pushes.before_save = faster
    outcome = await stage.receive(MARKET, PUSH)
    assert outcome.done == (PUSH,)
    assert stage.publisher.types() == ["linkage.push.received.v1"]
    receipt = (await stage.push(EVENT, MARKET)).receipt
    assert receipt is not None
    assert receipt.by == "clerk-2"


async def test_a_receipt_that_loses_against_a_return_is_refused(stage: MemoryStage) -> None:
    async def faster() -> None:
        await stage.return_(MARKET, PUSH)

    stage.pushes.before_save = faster
    assert why(await stage.receive(MARKET, PUSH)) == [(PUSH, Refusal.OUT_OF_ORDER)]
    assert stage.publisher.types() == ["linkage.push.returned.v1"]


async def test_feedback_on_two_duties_of_one_push_is_one_request(stage: MemoryStage) -> None:
    await stage.receive(MARKET, PUSH)
    outcome = await stage.feed_back(
        MARKET, [(PUSH, Duty.INSPECTION, "conforms"), (PUSH, Duty.COMMITMENT_CHECK, "kept")]
    )
    # This decision carries no commitment, so that there is none to check.
    assert outcome.done == (PUSH,)
    assert why(outcome) == [(PUSH, Refusal.OUT_OF_ORDER)]
    assert stage.publisher.types()[-1] == "linkage.push.fed-back.v1"


async def test_what_kafka_did_not_take_is_told_by_the_sweep(stage: MemoryStage) -> None:
    stage.publisher.failures = 1
    with pytest.raises(TransientError):
        await stage.receive(MARKET, PUSH)
    assert stage.publisher.types() == []
    finished = await stage.finish()
    assert finished.letters == 1
    assert stage.publisher.types() == ["linkage.push.received.v1"]


async def test_what_kafka_did_not_take_is_told_when_the_clerk_repeats_it(
    stage: MemoryStage,
) -> None:
    stage.publisher.failures = 1
    with pytest.raises(TransientError):
        await stage.receive(MARKET, PUSH)
    await stage.receive(MARKET, PUSH)
    assert stage.publisher.types() == ["linkage.push.received.v1"]


async def test_of_many_those_acted_on_are_told_before_the_last_is_stored(
    stage: MemoryStage,
) -> None:
    events = [a_decision(a_catalogue(), number=str(number)) for number in range(100, 220)]
    await stage.route(*events)
    stage.publisher.published.clear()
    stage.publisher.failures = 1
    with pytest.raises(TransientError):
        await stage.receive(MARKET, *(push_id(event.id, MARKET, 0) for event in events))
    stored = [await stage.push(event, MARKET) for event in events]
    assert sum(push.receipt is not None for push in stored) == 50, "the first part, and no other"

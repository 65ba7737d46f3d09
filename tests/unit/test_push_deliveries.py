"""Deliveries: told the first time only, and the receipt that some policies take them for."""

from datetime import timedelta

import pytest

from linkage_contracts.codes import ReceiptPolicy
from linkage_contracts.ids import push_id
from linkage_runtime.errors import TransientError
from supervision_push.application.record_receipts import deem_receipts
from supervision_push.domain.steps import PushState
from tests.unit.push_builders import CITY_HEALTH, MARKET, a_catalogue, a_decision
from tests.unit.push_stage import MemoryStage, memory_stage

DELIVERED, RECEIVED = "linkage.push.delivered.v1", "linkage.push.received.v1"


async def a_stage(policy: ReceiptPolicy) -> tuple[MemoryStage, str]:
    """A stage with one decision routed, and the push to the market regulator."""
    catalogue = a_catalogue(policy)
    event = a_decision(catalogue)
    stage = memory_stage(catalogue)
    await stage.route(event)
    stage.publisher.published.clear()
    return stage, push_id(event.id, MARKET, 0)


async def test_a_delivery_is_told_the_first_time_only() -> None:
    stage, push = await a_stage(ReceiptPolicy.EXPLICIT)
    assert len(await stage.deliver(MARKET, push)) == 1
    assert await stage.deliver(MARKET, push) == []
    assert stage.publisher.types() == [DELIVERED]


async def test_a_push_delivered_to_somebody_else_is_not_delivered() -> None:
    stage, push = await a_stage(ReceiptPolicy.EXPLICIT)
    assert await stage.deliver(CITY_HEALTH, push) == []
    assert stage.pushes.stored[push].delivery is None


async def test_a_delivery_that_could_not_be_told_is_told_with_the_next() -> None:
    stage, push = await a_stage(ReceiptPolicy.EXPLICIT)
    stage.publisher.failures = 1
    with pytest.raises(TransientError):
        await stage.deliver(MARKET, push)
    await stage.deliver(MARKET, push)
    assert stage.publisher.types() == [DELIVERED]


async def test_where_delivery_is_the_receipt_both_are_told() -> None:
    stage, push = await a_stage(ReceiptPolicy.DEEMED_ON_DELIVERY)
    await stage.deliver(MARKET, push)
    assert stage.publisher.types() == [DELIVERED, RECEIVED]
    assert stage.pushes.stored[push].state is PushState.RECEIVED


async def test_a_deemed_receipt_that_loses_against_the_clerks_own_is_not_told() -> None:
    stage, push = await a_stage(ReceiptPolicy.DEEMED_ON_DELIVERY)

    async def faster() -> None:
        await stage.receive(MARKET, push)

    stage.pushes.before_save = faster
    await stage.deliver(MARKET, push)
    receipt = stage.pushes.stored[push].receipt
    assert receipt is not None
    assert not receipt.deemed
    assert sorted(stage.publisher.types()) == [DELIVERED, RECEIVED]


async def test_a_receipt_is_deemed_once_its_term_has_passed_where_policy_says_so() -> None:
    stage, push = await a_stage(ReceiptPolicy.EXPLICIT_THEN_DEEMED)
    due_at = stage.pushes.stored[push].deem_at
    assert due_at is not None
    assert await deem_receipts(due_at - timedelta(seconds=1), 10, pushes=stage.pushes) == 0
    assert await deem_receipts(due_at, 10, pushes=stage.pushes) == 1
    assert await deem_receipts(due_at, 10, pushes=stage.pushes) == 0
    receipt = stage.pushes.stored[push].receipt
    assert receipt is not None
    assert (receipt.deemed, receipt.at) == (True, due_at)
    assert stage.publisher.types() == [RECEIVED]


async def test_no_receipt_is_deemed_where_it_must_be_signed() -> None:
    stage, push = await a_stage(ReceiptPolicy.EXPLICIT)
    far = stage.pushes.stored[push].clocks[0].escalate_at
    assert await deem_receipts(far, 10, pushes=stage.pushes) == 0

"""Deliveries: told the first time only, and the receipt that some policies take them for."""

from datetime import timedelta

import pytest

from linkage_contracts.codes import Channel, Duty, ReceiptPolicy
from linkage_contracts.ids import push_id
from linkage_runtime.errors import TransientError
from supervision_push.application.record_deliveries import HandedOver
from supervision_push.application.record_receipts import deem_receipts
from supervision_push.domain.push import moves_on_delivery
from supervision_push.domain.steps import Delivery, PushState
from tests.unit.push_builders import CITY_HEALTH, MARKET, NOON, a_catalogue, a_decision, a_push
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
    assert [one.push_id for one in (await stage.deliver(MARKET, push)).plain] == [push]
    assert await stage.deliver(MARKET, push) == HandedOver(plain=(), moved=())
    assert stage.publisher.types() == [DELIVERED]


async def test_a_push_moves_by_its_own_organisations_delivery_alone() -> None:
    stage, push = await a_stage(ReceiptPolicy.DEEMED_ON_DELIVERY)
    assert await stage.deliver(CITY_HEALTH, push) == HandedOver(plain=(), moved=())
    assert stage.pushes.stored[push].delivery is None


def test_of_an_entry_that_tells_no_policy_the_push_itself_is_read() -> None:
    # As entries were written before they told it.
    assert moves_on_delivery(None, [Duty.INSPECTION])


@pytest.mark.parametrize("policy", ReceiptPolicy)
@pytest.mark.parametrize("owes", [(Duty.NOTICE,), (Duty.NOTICE, Duty.RECEIPT), (Duty.INSPECTION,)])
def test_whatever_is_called_plain_is_moved_by_no_delivery(
    policy: ReceiptPolicy, owes: tuple[Duty, ...]
) -> None:
    push = a_push(policy=policy, owes=owes)
    after = push.deliver(Delivery(at=NOON, channel=Channel.PULL))
    assert (after.state is not push.state) == moves_on_delivery(policy, owes)


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

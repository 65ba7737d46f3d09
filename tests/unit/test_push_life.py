"""The states of one push: what each step needs, and that repeating it changes nothing."""

from datetime import timedelta

import pytest

from linkage_contracts.codes import Channel, Clock, Duty, ReceiptPolicy
from supervision_push.domain.push import OutOfOrderError
from supervision_push.domain.steps import (
    Delivery,
    Enrolment,
    Feedback,
    PushState,
    Recall,
    Receipt,
    Return,
)
from tests.unit.push_builders import NOON, a_push

LATER = NOON + timedelta(hours=1)
RECEIPT = Receipt(at=LATER, by="clerk-1")
ENROLMENT = Enrolment(at=LATER, by="clerk-1")
DELIVERY = Delivery(at=LATER, channel=Channel.PULL)
RETURN = Return(at=LATER, by="clerk-1", reason="非本局职责", pool_id="p")
RECALL = Recall(at=LATER, ended_by="e", reason="许可已撤销")
INSPECTED = Feedback(duty=Duty.INSPECTION, at=LATER, by="clerk-1", outcome="conforms")


def test_a_second_receipt_changes_nothing() -> None:
    once = a_push().receive(RECEIPT)
    assert once.receive(Receipt(at=LATER + timedelta(days=1), by="clerk-2")) is once


def test_a_receipt_stops_its_clock_and_no_other() -> None:
    push = a_push().receive(RECEIPT)
    stopped = {clock.clock for clock in push.clocks if clock.stopped_at}
    assert stopped == {Clock.RECEIPT}


def test_a_returned_push_cannot_be_received() -> None:
    with pytest.raises(OutOfOrderError, match="已退回"):
        a_push().return_(RETURN).receive(RECEIPT)


def test_a_push_that_was_signed_for_cannot_be_returned() -> None:
    with pytest.raises(OutOfOrderError, match="不能退回"):
        a_push().receive(RECEIPT).return_(RETURN)


def test_a_push_that_was_only_deemed_received_can_be_returned() -> None:
    push = a_push(policy=ReceiptPolicy.DEEMED_ON_DELIVERY).deliver(DELIVERY)
    assert push.state is PushState.RECEIVED
    assert push.return_(RETURN).state is PushState.RETURNED


def test_delivery_is_no_receipt_where_receipts_are_explicit() -> None:
    push = a_push().deliver(DELIVERY)
    assert (push.state, push.receipt) == (PushState.OPEN, None)


def test_delivery_is_the_receipt_where_policy_deems_it_so() -> None:
    push = a_push(policy=ReceiptPolicy.DEEMED_ON_DELIVERY).deliver(DELIVERY)
    assert push.receipt == Receipt(at=LATER, by=push.recipient, deemed=True)


def test_enrolment_needs_a_receipt_first() -> None:
    with pytest.raises(OutOfOrderError, match="请先签收"):
        a_push().enrol(ENROLMENT)


def test_enrolment_brings_the_receipt_with_it_where_policy_deems_receipts() -> None:
    push = a_push(policy=ReceiptPolicy.EXPLICIT_THEN_DEEMED).enrol(ENROLMENT)
    assert push.receipt is not None
    assert push.receipt.deemed


@pytest.mark.parametrize("duty", [Duty.COMMITMENT_CHECK, Duty.NOTICE])
def test_feedback_on_a_duty_that_is_not_owed_is_refused(duty: Duty) -> None:
    received = a_push().receive(RECEIPT)
    with pytest.raises(OutOfOrderError):
        received.feed_back(Feedback(duty=duty, at=LATER, by="clerk-1", outcome="x"))


def test_enrolment_that_is_not_owed_is_refused() -> None:
    with pytest.raises(OutOfOrderError, match="无此义务"):
        a_push(owes=(Duty.RECEIPT,)).receive(RECEIPT).enrol(ENROLMENT)


def test_the_same_feedback_by_another_clerk_changes_nothing() -> None:
    once = a_push().receive(RECEIPT).feed_back(INSPECTED)
    again = Feedback(duty=Duty.INSPECTION, at=NOON, by="clerk-2", outcome="conforms")
    assert once.feed_back(again) is once


def test_a_different_feedback_on_the_same_duty_is_refused() -> None:
    once = a_push().receive(RECEIPT).feed_back(INSPECTED)
    other = Feedback(duty=Duty.INSPECTION, at=LATER, by="clerk-1", outcome="fails")
    with pytest.raises(OutOfOrderError, match="已反馈其他内容"):
        once.feed_back(other)


def test_a_push_is_closed_when_all_that_it_owes_was_done() -> None:
    push = a_push().receive(RECEIPT).enrol(ENROLMENT)
    assert push.state is PushState.RECEIVED
    assert push.feed_back(INSPECTED).state is PushState.CLOSED


def test_a_notice_is_taken_with_its_delivery() -> None:
    assert a_push(owes=(Duty.NOTICE,)).deliver(DELIVERY).state is PushState.CLOSED


def test_a_notice_that_was_delivered_can_still_be_returned() -> None:
    push = a_push(owes=(Duty.NOTICE,)).deliver(DELIVERY)
    assert push.return_(RETURN).state is PushState.RETURNED


def test_a_recalled_push_owes_nothing_more() -> None:
    push = a_push().receive(RECEIPT).recall(RECALL)
    assert push.state is PushState.RECALLED
    assert all(clock.stopped_at for clock in push.clocks)


def test_what_is_closed_or_returned_is_not_recalled() -> None:
    closed = a_push(owes=(Duty.RECEIPT,)).receive(RECEIPT)
    returned = a_push().return_(RETURN)
    assert closed.recall(RECALL) is closed
    assert returned.recall(RECALL) is returned


def test_a_receipt_repeated_after_the_recall_is_still_done() -> None:
    push = a_push().receive(RECEIPT).recall(RECALL)
    assert push.receive(RECEIPT) is push

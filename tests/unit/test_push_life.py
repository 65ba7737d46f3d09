"""The states of one push: what each step needs, and that repeating it changes nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from linkage_contracts.codes import Channel, Clock, Duty, ReceiptPolicy
from supervision_push.domain.push import OutOfOrderError, Push
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


class LifeOfAPush(RuleBasedStateMachine):
    """Whatever clerks, channels and bureaus do in any order, a push stays in order."""

    def __init__(self) -> None:
        super().__init__()
        self.push: Push = a_push()
        self.history: list[Push] = [self.push]

    @rule(policy=st.sampled_from(ReceiptPolicy), owes=st.sets(st.sampled_from(Duty), min_size=1))
    def begin_again(self, policy: ReceiptPolicy, owes: set[Duty]) -> None:
        self.push = a_push(owes=tuple(duty for duty in Duty if duty in owes), policy=policy)
        self.history = [self.push]

    @rule()
    def deliver(self) -> None:
        self._step(self.push.deliver(DELIVERY))

    @rule(by=st.sampled_from(["a", "b"]))
    def receive(self, by: str) -> None:
        self._try(lambda push: push.receive(Receipt(at=LATER, by=by)))

    @rule()
    def return_it(self) -> None:
        self._try(lambda push: push.return_(RETURN))

    @rule()
    def enrol(self) -> None:
        self._try(lambda push: push.enrol(ENROLMENT))

    @rule(duty=st.sampled_from(Duty), outcome=st.sampled_from(["conforms", "fails"]))
    def feed_back(self, duty: Duty, outcome: str) -> None:
        feedback = Feedback(duty=duty, at=LATER, by="a", outcome=outcome)
        self._try(lambda push: push.feed_back(feedback))

    @rule()
    def recall(self) -> None:
        self._step(self.push.recall(RECALL))

    def _try(self, act: Callable[[Push], Push]) -> None:
        try:
            after = act(self.push)
        except OutOfOrderError:
            return
        assert act(after) is after, "a repeated act changes nothing"
        self._step(after)

    def _step(self, after: Push) -> None:
        self.push = after
        self.history.append(after)

    @invariant()
    def what_happened_stays(self) -> None:
        for earlier in self.history:
            for name in ("delivery", "receipt", "enrolment", "returned", "recalled"):
                happened = getattr(earlier, name)
                assert happened is None or getattr(self.push, name) == happened
            assert self.push.feedback[: len(earlier.feedback)] == earlier.feedback

    @invariant()
    def the_state_follows_from_what_happened(self) -> None:
        push = self.push
        done = all(push.is_done(duty) for duty in push.owes)
        match push.state:
            case PushState.RETURNED:
                assert push.returned is not None
            case PushState.RECALLED:
                assert push.recalled is not None
            case PushState.CLOSED:
                assert done
            case PushState.RECEIVED:
                assert push.receipt is not None
                assert not done
            case PushState.OPEN:
                assert push.receipt is None
                assert not done

    @invariant()
    def no_clock_runs_on_what_is_over(self) -> None:
        push = self.push
        if push.state not in (PushState.OPEN, PushState.RECEIVED):
            assert all(clock.stopped_at for clock in push.clocks)
        for clock in push.clocks:
            if push.is_done(Duty(clock.clock)):
                assert clock.stopped_at is not None

    @invariant()
    def nothing_is_worked_on_before_its_receipt(self) -> None:
        if self.push.enrolment or self.push.feedback:
            assert self.push.receipt is not None


TestLifeOfAPush = LifeOfAPush.TestCase
TestLifeOfAPush.settings = settings(max_examples=30, stateful_step_count=12, deadline=None)

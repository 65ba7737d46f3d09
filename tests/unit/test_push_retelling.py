"""A push made again from what was told of it: the same whatever order the log is read in."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_contracts.codes import Channel, DecisionKind, Duty, ReceiptPolicy
from linkage_contracts.envelope import Event
from linkage_contracts.topics import PROGRESS
from supervision_push.application.announcements import Telling, recalled
from supervision_push.application.step_announcements import changes
from supervision_push.domain.ending import Ending
from supervision_push.domain.push import OutOfOrderError, Push
from supervision_push.domain.retelling import retold
from supervision_push.domain.steps import Delivery, Enrolment, Feedback, Recall, Receipt, Return
from tests.unit.push_builders import NOON, a_push

ENDING = Ending(
    decision_id="d",
    event_id="e",
    on=NOON.date(),
    kind=DecisionKind.ANNULLED,
    at=NOON + timedelta(days=9),
)
Act = Callable[[Push, datetime], Push]
ACTS: dict[str, Act] = {
    "deliver": lambda push, at: push.deliver(Delivery(at=at, channel=Channel.PULL)),
    "receive": lambda push, at: push.receive(Receipt(at=at, by="clerk-1")),
    "return": lambda push, at: push.return_(
        Return(at=at, by="clerk-1", reason="非本局职责", pool_id=push.decision_id)
    ),
    "enrol": lambda push, at: push.enrol(Enrolment(at=at, by="clerk-1", note="已建档")),
    "inspect": lambda push, at: push.feed_back(
        Feedback(duty=Duty.INSPECTION, at=at, by="clerk-1", outcome="conforms")
    ),
    "recall": lambda push, _: push.recall(
        Recall(at=ENDING.at, ended_by=ENDING.event_id, reason=ENDING.reason)
    ),
}


def lived(push: Push, acts: Sequence[str]) -> tuple[Push, list[Event]]:
    """The push after these acts, an hour apart, and the events that told them."""
    told: list[Event] = []
    for hour, act in enumerate(acts):
        before, at = push, push.opened_at + timedelta(hours=hour + 1)
        with suppress(OutOfOrderError):
            push = ACTS[act](push, at)
        telling = Telling(at=at)
        letters = [*changes(before, push, telling)]
        letters += recalled(push, telling) if push.recalled and not before.recalled else ()
        told += [event for topic, event in letters if topic is PROGRESS]
    return push, told


@given(
    acts=st.lists(st.sampled_from(sorted(ACTS)), max_size=8),
    policy=st.sampled_from(ReceiptPolicy),
    data=st.data(),
)
def test_it_is_the_same_whatever_order_its_events_are_read_in(
    acts: list[str], policy: ReceiptPolicy, data: st.DataObject
) -> None:
    opened = a_push(policy=policy)
    push, told = lived(opened, acts)
    read = data.draw(st.permutations(told))
    again = retold(opened, read, ENDING)
    delivery = again.push.delivery or again.delivery
    assert replace(again.push, delivery=delivery) == push
    # What was written already is led on, and what is told once more changes nothing.
    assert retold(push, read, ENDING).push == push


def test_a_delivery_that_moved_nothing_is_kept_beside_its_push() -> None:
    push, told = lived(a_push(), ["deliver", "receive"])
    again = retold(a_push(), told, None)
    assert (again.push.delivery, again.delivery) == (None, push.delivery)
    deemed, told = lived(a_push(policy=ReceiptPolicy.DEEMED_ON_DELIVERY), ["deliver"])
    again = retold(a_push(policy=ReceiptPolicy.DEEMED_ON_DELIVERY), told, None)
    assert (again.push, again.delivery) == (deemed, None)


@pytest.mark.parametrize("missing", ["receive", "enrol"])
def test_what_was_never_told_did_not_happen(missing: str) -> None:
    _, told = lived(a_push(), ["receive", "enrol"])
    left = [event for event in told if missing not in event.type.replace("received", "receive")]
    push = retold(a_push(), left, None).push
    assert (push.receipt is None) is (missing == "receive")
    assert push.enrolment is None


def test_a_receipt_stands_though_the_decision_had_ended_when_it_was_given() -> None:
    early = replace(ENDING, at=NOON + timedelta(minutes=1))
    received = a_push().receive(Receipt(at=NOON + timedelta(hours=1), by="clerk-1"))
    gone = received.recall(Recall(at=early.at, ended_by="e", reason=early.reason))
    telling = Telling(at=NOON)
    letters = [*changes(a_push(), received, telling), *recalled(gone, telling)]
    read = [event for topic, event in letters if topic is PROGRESS]
    assert retold(a_push(), read, early).push == gone


def test_a_recalled_push_that_was_delivered_late_was_never_received() -> None:
    opened = a_push(policy=ReceiptPolicy.DEEMED_ON_DELIVERY)
    push, told = lived(opened, ["recall", "deliver"])
    again = retold(opened, reversed(told), ENDING)
    assert replace(again.push, delivery=again.delivery) == push
    assert again.push.receipt is None

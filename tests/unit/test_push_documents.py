"""Pushes, pool entries and clocks as documents, there and back."""

from dataclasses import replace
from datetime import date, timedelta

import bson
from bson.codec_options import CodecOptions
from hypothesis import given
from hypothesis import strategies as st

from linkage_contracts.codes import Channel, DecisionKind, Duty, ReceiptPolicy
from supervision_push.adapters.deadlines.clock_documents import clock_changes
from supervision_push.adapters.pushes.push_documents import (
    ending_fields,
    ending_in,
    entry_document,
    entry_in,
    push_changes,
    push_document,
    push_in,
)
from supervision_push.domain.ending import Ending
from supervision_push.domain.pool import Claim, PoolEntry
from supervision_push.domain.push import Push
from supervision_push.domain.steps import Delivery, Enrolment, Feedback, Recall, Receipt, Return
from tests.unit.push_builders import FIRE, MARKET, NOON, PARTY, a_push

LATER = NOON + timedelta(minutes=5)
STEPS = {
    "deliver": lambda push: push.deliver(Delivery(at=LATER, channel=Channel.WEBHOOK)),
    "receive": lambda push: push.receive(Receipt(at=LATER, by="c")),
    "enrol": lambda push: push.enrol(Enrolment(at=LATER, by="c", note="n")),
    "feed back": lambda push: push.feed_back(
        Feedback(duty=Duty.INSPECTION, at=LATER, by="c", outcome="conforms", note="n")
    ),
    "recall": lambda push: push.recall(Recall(at=LATER, ended_by="e", reason="r")),
    "return": lambda push: push.return_(
        Return(at=LATER, by="c", reason="r", pool_id="p", suggested=FIRE, rerouted_to=FIRE)
    ),
}
ORDERS = (
    (),
    ("deliver",),
    ("deliver", "receive"),
    ("receive", "enrol", "feed back"),
    ("receive", "enrol", "recall"),
    ("deliver", "return"),
)


def stored(document: dict[str, object]) -> dict[str, object]:
    """As the database hands it back."""
    options: CodecOptions[dict[str, object]] = CodecOptions(tz_aware=True)
    return bson.decode(bson.encode(document), options)


def after(steps: tuple[str, ...], push: Push) -> Push:
    for step in steps:
        push = STEPS[step](push)
    return push


@given(steps=st.sampled_from(ORDERS), policy=st.sampled_from(ReceiptPolicy))
def test_a_push_comes_back_from_the_database_as_it_was(
    steps: tuple[str, ...], policy: ReceiptPolicy
) -> None:
    push = after(steps, a_push(policy=policy, rerouted_from=FIRE, resolves="p"))
    assert push_in(stored(push_document(push, b"{}"))) == push


@given(steps=st.sampled_from(ORDERS), policy=st.sampled_from(ReceiptPolicy))
def test_the_changes_of_an_act_turn_the_stored_push_into_the_new_one(
    steps: tuple[str, ...], policy: ReceiptPolicy
) -> None:
    before = a_push(policy=policy)
    now = after(steps, before)
    changes = push_changes(before, now)
    document = {**push_document(before, b"{}"), **changes["$set"]}
    for gone in changes.get("$unset", {}):
        del document[gone]
    assert document == push_document(now, b"{}")


def test_an_act_writes_nothing_that_it_did_not_change() -> None:
    before = a_push()
    changes = push_changes(before, before.receive(Receipt(at=LATER, by="c")))
    assert set(changes["$set"]) == {"receipt", "state", "clocks", "next_at", "open_until"}


def test_a_push_with_nothing_left_to_tell_has_no_next_instant() -> None:
    recalled = a_push().recall(Recall(at=LATER, ended_by="e", reason="r"))
    assert "next_at" not in push_document(recalled, b"{}")
    assert "next_at" in clock_changes(recalled.clocks)["$unset"]


def test_a_pool_entry_comes_back_as_it_was() -> None:
    claim = Claim(at=LATER, organisation=FIRE, by="c", reason="r", push_id="q")
    entry = PoolEntry(
        pool_id="p",
        decision_id="d",
        event_id="e",
        authority="a",
        region="450721",
        party=PARTY,
        items=a_push().items,
        reason="r",
        entered_at=NOON,
        returned_push="x",
        returned_by=MARKET,
        owes=(Duty.RECEIPT,),
        round=2,
    )
    for one in (entry, replace(entry, claim=claim)):
        document = stored(entry_document(one))
        assert document["waiting"] is (one.claim is None)
        assert entry_in(document) == one


def test_a_tombstone_comes_back_as_it_was_and_sorts_by_day_then_event() -> None:
    ending = Ending(
        decision_id="d", event_id="e", on=date(2026, 11, 24), kind=DecisionKind.ANNULLED, at=NOON
    )
    fields = ending_fields(ending)
    assert list(fields)[:2] == ["on", "event_id"]
    assert ending_in(stored({"_id": "d", "last": fields})) == ending

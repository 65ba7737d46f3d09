"""The ledger of linkages: when both loops have ended, in whatever order the facts arrive."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approval_events.domain.linkage import Linkage, LinkageState
from approval_events.domain.loops import PushState
from approval_events.domain.readings import facts_of
from linkage_contracts.codes import Channel, DecisionKind, Duty
from linkage_contracts.envelope import Event
from linkage_contracts.ids import stable_id
from tests.unit.approval_builders import (
    BUREAU,
)
from tests.unit.approval_loops import (
    ALL_DUTIES,
    DECISION,
    at,
    decided,
    delivered,
    enrolled,
    fed_back,
    forwarded,
    found,
    opened,
    overdue,
    recalled,
    received,
    report_forwarded,
    reported,
    result_received,
    result_returned,
    returned,
    unrouted,
)

FIRST_LOOP = (decided(), opened(), delivered(), received())


def page(*events: Event) -> Linkage:
    return Linkage(decision_id=DECISION, facts={}).merge(facts_of(events))


def is_closed(*events: Event) -> bool:
    return page(*events).state is LinkageState.CLOSED


def test_a_decision_that_nobody_was_told_of_is_open() -> None:
    assert not is_closed(decided())


def test_a_push_without_its_decision_is_open() -> None:
    assert not is_closed(opened(), received())


def test_it_closes_when_what_is_owed_was_done() -> None:
    done = (decided(), opened(owes=ALL_DUTIES), delivered(), received(), enrolled())
    assert not is_closed(*done)
    assert is_closed(*done, fed_back())
    assert page(*done, fed_back()).closed_at == at(5)


@pytest.mark.parametrize("left_out", [received(), enrolled(), fed_back()])
def test_each_duty_needs_its_own_act(left_out: Event) -> None:
    acts = [act for act in (received(), enrolled(), fed_back()) if act != left_out]
    assert not is_closed(decided(), opened(owes=ALL_DUTIES), delivered(), *acts)


def test_feedback_on_another_duty_does_not_count() -> None:
    owing = (decided(), opened(owes=(Duty.INSPECTION,)), fed_back(duty=Duty.COMMITMENT_CHECK))
    assert not is_closed(*owing)


def test_a_notice_is_done_by_delivery_and_a_receipt_is_not() -> None:
    refused = decided(kind=DecisionKind.REFUSED)
    assert is_closed(refused, opened(owes=(Duty.NOTICE,)), delivered())
    assert not is_closed(decided(), opened(owes=(Duty.RECEIPT,)), delivered())


def test_every_recipient_must_have_done_its_part() -> None:
    both = (decided(), opened(name="p"), opened(name="q"), received(name="p"))
    assert not is_closed(*both)
    assert is_closed(*both, received(name="q"))


def test_an_unrouted_decision_is_open_until_it_was_claimed_and_received() -> None:
    pool_id = stable_id("pool", "u")
    waiting = (decided(), unrouted())
    claimed = (*waiting, opened(minutes=5, resolves=pool_id))
    assert not is_closed(*waiting)
    assert not is_closed(*claimed)
    assert is_closed(*claimed, received(minutes=6))
    assert page(*claimed).pool[0].resolved_by == stable_id("push", "p")


def test_a_returned_push_is_open_until_it_was_rerouted_and_received() -> None:
    sent_back = (decided(), opened(owes=ALL_DUTIES), returned())
    assert not is_closed(*sent_back)
    rerouted = (*sent_back, recalled(), opened(4, name="q", resolves=stable_id("pool", "p")))
    assert not is_closed(*rerouted)
    assert is_closed(*rerouted, received(5, name="q"))


def test_a_recalled_push_owes_nothing() -> None:
    assert is_closed(decided(), opened(owes=ALL_DUTIES), recalled())


def test_a_new_version_opens_it_until_it_was_routed_and_done() -> None:
    annulled = decided("annulled", 30, DecisionKind.ANNULLED)
    assert not is_closed(*FIRST_LOOP, annulled)
    told = opened(31, name="q", cause="annulled")
    assert not is_closed(*FIRST_LOOP, annulled, told)
    assert is_closed(*FIRST_LOOP, annulled, told, received(32, name="q"))


def test_a_result_opens_it_again_until_it_was_received() -> None:
    assert is_closed(*FIRST_LOOP)
    assert not is_closed(*FIRST_LOOP, found())
    assert not is_closed(*FIRST_LOOP, found(), forwarded())
    assert is_closed(*FIRST_LOOP, found(), forwarded(), result_received())


def test_a_forwarded_result_that_was_not_read_yet_keeps_it_open() -> None:
    assert not is_closed(*FIRST_LOOP, forwarded(), result_received())


def test_a_requested_action_needs_a_report_on_the_supervisors_feed() -> None:
    asked = (*FIRST_LOOP, found(requests=True), forwarded(), result_received())
    assert not is_closed(*asked)
    assert not is_closed(*asked, reported())
    assert is_closed(*asked, reported(), report_forwarded())


def test_a_report_that_nobody_asked_for_must_reach_the_supervisor_too() -> None:
    volunteered = (*FIRST_LOOP, found(), result_received(), reported())
    assert not is_closed(*volunteered)
    assert is_closed(*volunteered, report_forwarded())


def test_a_returned_result_leaves_nothing_open() -> None:
    assert is_closed(*FIRST_LOOP, found(requests=True), forwarded(), result_returned())


def test_a_missed_deadline_neither_opens_nor_closes() -> None:
    assert is_closed(*FIRST_LOOP, overdue())
    assert page(*FIRST_LOOP, overdue()).closed_at == at(3)


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([opened(owes=ALL_DUTIES)], PushState.OPEN),
        ([opened(owes=ALL_DUTIES), delivered()], PushState.DELIVERED),
        ([opened(owes=ALL_DUTIES), delivered(), received()], PushState.RECEIVED),
        ([opened(owes=ALL_DUTIES), received(), enrolled()], PushState.ENROLLED),
        ([opened(owes=ALL_DUTIES), received(), enrolled(), fed_back()], PushState.CLOSED),
        ([opened(), returned()], PushState.RETURNED),
        ([opened(), returned(), recalled()], PushState.RECALLED),
    ],
)
def test_a_push_has_the_last_state_that_applies(events: list[Event], state: PushState) -> None:
    assert [push.state for push in page(*events).pushes] == [state]


def test_a_push_whose_opening_was_not_read_yet_owes_at_least_a_receipt() -> None:
    assert page(delivered()).pushes[0].still_owed == {Duty.RECEIPT}


def test_of_two_deliveries_the_earlier_stays() -> None:
    twice = (delivered(7, channel=Channel.WEBHOOK), delivered(2, channel=Channel.PULL))
    for events in (twice, twice[::-1]):
        [push] = page(*events).pushes
        assert [fact.detail["channel"] for fact in push.steps.values()] == ["pull"]


def test_the_authority_is_known_from_whatever_fact_comes_first() -> None:
    assert page(received()).authority == BUREAU
    assert page(overdue(), decided()).authority == BUREAU


STORY: Sequence[Event] = (
    *(decided(), opened(owes=ALL_DUTIES), delivered(), returned(), recalled()),
    opened(4, name="q", owes=ALL_DUTIES, resolves=stable_id("pool", "p")),
    *(delivered(5, "q"), delivered(6, "q", Channel.KAFKA), received(7, "q"), enrolled(8, "q")),
    *(fed_back(9, "q"), fed_back(10, "q"), unrouted(2), overdue()),
    opened(11, name="r", resolves=stable_id("pool", "u")),
    *(received(12, "r"), found(requests=True), forwarded(), result_received(), reported()),
    report_forwarded(),
)


def test_the_whole_story_ends_closed() -> None:
    assert is_closed(*STORY)


@settings(deadline=None)
@given(order=st.permutations(STORY), repeats=st.lists(st.sampled_from(STORY), max_size=15))
def test_any_order_and_any_repetition_come_to_the_same(
    order: list[Event], repeats: list[Event]
) -> None:
    assert page(*order, *repeats) == page(*STORY)
    assert is_closed(*order, *repeats)


@settings(deadline=None)
@given(
    events=st.lists(st.sampled_from(STORY), min_size=1),
    cuts=st.lists(st.integers(min_value=0, max_value=40), max_size=6),
)
def test_batches_of_any_size_come_to_the_same(events: list[Event], cuts: list[int]) -> None:
    linkage = Linkage(decision_id=DECISION, facts={})
    bounds = [0, *sorted(cuts), len(events)]
    for start, end in pairwise(bounds):
        linkage = linkage.merge(facts_of(events[start:end]))
    assert linkage == page(*events)
    assert linkage.state is page(*reversed(events)).state

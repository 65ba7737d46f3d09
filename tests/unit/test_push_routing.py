"""Who is told of a decision and what that owes; who is told of a later act."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_contracts.codes import DecisionKind, Duty
from linkage_contracts.decisions import Decision
from supervision_push.domain.routing import (
    HeldPush,
    PoolStanding,
    Route,
    Standing,
    owed_by_claimer,
    reach,
    route,
)
from supervision_push.domain.steps import PushState
from tests.unit.push_builders import (
    BALLOON,
    CITY_HEALTH,
    FACTORY,
    FIRE,
    FOOD,
    MARKET,
    OTHER_OVERSIGHT,
    OVERSIGHT,
    a_catalogue,
    a_commitment,
    a_decision,
)

CATALOGUE = a_catalogue()
GRANTED = a_decision(CATALOGUE)
AMENDED = a_decision(CATALOGUE, DecisionKind.AMENDED)


def after(*pushes: HeldPush, pool: tuple[PoolStanding, ...] = ()) -> Route:
    """Where an amendment goes when these stand."""
    standing = Standing(pushes=pushes, pool=pool)
    return reach(route(AMENDED.data, CATALOGUE), AMENDED, CATALOGUE, standing)


def held(recipient: str, **more: object) -> HeldPush:
    return HeldPush(event_id=GRANTED.id, recipient=recipient, **more)  # type: ignore[arg-type]


def test_a_grant_goes_to_the_countys_and_to_the_citys_authority_where_the_county_has_none() -> None:
    assert set(route(GRANTED.data, CATALOGUE).duties) == {MARKET, CITY_HEALTH}


def test_a_commitment_is_checked_only_where_the_decision_carries_one() -> None:
    plain = route(GRANTED.data, CATALOGUE).duties[MARKET]
    promised = a_decision(CATALOGUE, commitment=a_commitment())
    assert Duty.COMMITMENT_CHECK not in plain
    assert Duty.COMMITMENT_CHECK in route(promised.data, CATALOGUE).duties[MARKET]


def test_one_recipient_of_several_items_owes_their_union_once() -> None:
    both = a_decision(CATALOGUE, items=(FACTORY, FOOD))
    duties = route(both.data, CATALOGUE).duties[MARKET]
    assert duties == (Duty.RECEIPT, Duty.ENROLMENT, Duty.INSPECTION)


def test_a_refusal_owes_nobody_an_inspection() -> None:
    refused = a_decision(CATALOGUE, DecisionKind.REFUSED)
    assert set(route(refused.data, CATALOGUE).duties.values()) == {(Duty.NOTICE,)}


def test_a_renewal_owes_what_a_grant_owes() -> None:
    renewed = a_decision(CATALOGUE, DecisionKind.RENEWED)
    assert route(renewed.data, CATALOGUE).duties == route(GRANTED.data, CATALOGUE).duties


@pytest.mark.parametrize(
    ("items", "reason"),
    [((), "未列事项"), (("999999999999",), "清单之外"), ((BALLOON,), "没有主管")],
)
def test_what_finds_nobody_says_why(items: tuple[str, ...], reason: str) -> None:
    found = route(a_decision(CATALOGUE, items=items).data, CATALOGUE)
    assert found.duties == {}
    assert reason in (found.reason or "")
    assert [item.code for item in found.unrouted] == list(items)


def test_only_the_items_that_find_nobody_go_to_the_pool() -> None:
    found = route(a_decision(CATALOGUE, items=(FOOD, BALLOON)).data, CATALOGUE)
    assert set(found.duties) == {MARKET, CITY_HEALTH}
    assert [item.code for item in found.unrouted] == [BALLOON]


@given(
    items=st.lists(st.sampled_from([FOOD, FACTORY, BALLOON, "999999999999"]), unique=True),
    kind=st.sampled_from(DecisionKind),
    promised=st.booleans(),
)
def test_routing_is_a_pure_function_and_forgets_no_item(
    items: list[str],
    kind: DecisionKind,
    promised: bool,  # noqa: FBT001
) -> None:
    commitment = a_commitment() if promised else None
    event = a_decision(CATALOGUE, kind, items=tuple(items), commitment=commitment)
    found = route(event.data, CATALOGUE)
    read_again = Decision.model_validate_json(event.data.model_dump_json())
    assert route(read_again, a_catalogue()) == found
    assert bool(found.duties) == bool(set(items) - {item.code for item in found.unrouted})
    assert (found.reason is None) == (bool(items) and not found.unrouted)
    assert all(duties for duties in found.duties.values())


def test_a_new_decision_goes_to_the_routed_recipients_alone() -> None:
    standing = Standing(pushes=(held(FIRE),))
    assert reach(route(GRANTED.data, CATALOGUE), GRANTED, CATALOGUE, standing) == route(
        GRANTED.data, CATALOGUE
    )


def test_a_later_act_also_goes_to_whoever_claimed_the_decision() -> None:
    assert set(after(held(MARKET), held(CITY_HEALTH), held(FIRE, round=1)).duties) == {
        MARKET,
        CITY_HEALTH,
        FIRE,
    }


def test_a_later_act_does_not_go_to_whoever_returned_the_decision() -> None:
    returned = held(MARKET, state=PushState.RETURNED, pool_id="p")
    found = after(
        returned,
        held(FIRE, round=1),
        pool=(
            PoolStanding(pool_id="p", event_id=GRANTED.id, of_returned_push=True, claimed_by=FIRE),
        ),
    )
    assert set(found.duties) == {CITY_HEALTH, FIRE}
    assert found.reason is None


def test_whoever_returned_it_and_was_given_it_again_is_told() -> None:
    returned = held(MARKET, state=PushState.RETURNED)
    assert MARKET in after(returned, held(MARKET, round=2)).duties


def test_a_recalled_push_still_lets_its_recipient_hear_what_follows() -> None:
    assert MARKET in after(held(MARKET, state=PushState.RECALLED)).duties


def test_a_later_act_waits_beside_the_earlier_push_that_waits() -> None:
    waiting = PoolStanding(pool_id="p", event_id=GRANTED.id, of_returned_push=True)
    returned = held(MARKET, state=PushState.RETURNED, pool_id="p")
    found = after(returned, held(CITY_HEALTH), pool=(waiting,))
    assert set(found.duties) == {CITY_HEALTH}
    assert found.reason is not None


def test_a_push_returned_this_moment_waits_though_its_pool_entry_is_not_written_yet() -> None:
    found = after(held(MARKET, state=PushState.RETURNED, pool_id="p"))
    assert MARKET not in found.duties
    assert found.reason is not None


def test_an_entry_claimed_this_moment_lets_its_claimer_hear_what_follows() -> None:
    claimed = PoolStanding(pool_id="p", event_id=GRANTED.id, claimed_by=FIRE)
    assert FIRE in after(pool=(claimed,)).duties


def test_a_repeat_tells_what_was_told_though_it_was_returned_in_between() -> None:
    own = HeldPush(event_id=AMENDED.id, recipient=MARKET, state=PushState.RETURNED, pool_id="p")
    entry = PoolStanding(pool_id="p", event_id=AMENDED.id, of_returned_push=True)
    found = after(held(MARKET), own, pool=(entry,))
    assert MARKET in found.duties
    assert found.reason is None


def test_an_act_on_unrouted_items_that_somebody_claimed_needs_no_pool() -> None:
    act = a_decision(CATALOGUE, DecisionKind.AMENDED, items=(BALLOON,))
    claimed = PoolStanding(pool_id="p", event_id=GRANTED.id, claimed_by=FIRE)
    standing = Standing(pushes=(held(FIRE, round=1),), pool=(claimed,))
    found = reach(route(act.data, CATALOGUE), act, CATALOGUE, standing)
    assert found == Route(duties={FIRE: (Duty.RECEIPT,)})


def test_a_claimer_owes_what_the_item_owes_in_its_field() -> None:
    assert owed_by_claimer(GRANTED.data, CATALOGUE, CITY_HEALTH) == (Duty.NOTICE,)


def test_a_claimer_of_something_off_the_catalogue_owes_receipt_and_enrolment() -> None:
    off = a_decision(CATALOGUE, items=("999999999999",))
    assert owed_by_claimer(off.data, CATALOGUE, FIRE) == (Duty.RECEIPT, Duty.ENROLMENT)


def test_only_the_oversight_of_the_region_watches() -> None:
    assert [one.id for one in CATALOGUE.overseers("450721003")] == [OVERSIGHT]


def test_where_a_region_has_no_oversight_all_watch() -> None:
    watching = {one.id for one in CATALOGUE.overseers("110000")}
    assert watching == {OVERSIGHT, OTHER_OVERSIGHT}

"""Terms that the catalogue gives items and authorities."""

from datetime import date, timedelta

import pytest

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import Clock, ReceiptPolicy
from supervision_push.domain.item_terms import schedule_for
from supervision_push.domain.pool import pool_id
from supervision_push.domain.push import Push
from tests.unit.push_builders import (
    FACTORY,
    FIRE,
    FOOD,
    MARKET,
    a_catalogue,
    a_commitment,
    a_decision,
    a_schedule,
)
from tests.unit.push_stage import memory_stage


def with_terms(own: dict[str, dict[str, int]], **authority: object) -> Catalogue:
    """The small catalogue, where some items have terms of their own; or the market regulator."""
    content = a_catalogue().model_dump()
    for item in content["items"]:
        item["terms"] = own.get(item["code"])
    for one in content["authorities"]:
        one.update(authority if one["id"] == MARKET else {})
    return Catalogue.model_validate(content)


async def pushed(catalogue: Catalogue, *items: str) -> Push:
    stage = memory_stage(catalogue)
    event = a_decision(catalogue, items=items, commitment=a_commitment())
    await stage.route(event)
    return await stage.push(event, MARKET)


def days(push: Push, clock: Clock) -> int:
    return next(one.working_days for one in push.clocks if one.clock is clock)


async def test_an_item_has_terms_of_its_own_and_the_others_those_of_the_settings() -> None:
    push = await pushed(with_terms({FOOD: {"inspection": 10}}), FOOD)
    assert (days(push, Clock.INSPECTION), days(push, Clock.RECEIPT)) == (10, 2)


async def test_of_several_items_the_shortest_term_counts() -> None:
    catalogue = with_terms({FOOD: {"enrolment": 9}, FACTORY: {"enrolment": 7}})
    assert days(await pushed(catalogue, FOOD, FACTORY), Clock.ENROLMENT) == 7
    assert (
        days(await pushed(with_terms({FOOD: {"enrolment": 9}}), FOOD, FACTORY), Clock.ENROLMENT)
        == 5
    )


async def test_a_term_of_no_days_is_a_term() -> None:
    assert days(await pushed(with_terms({FOOD: {"receipt": 0}}), FOOD), Clock.RECEIPT) == 0


async def test_an_item_says_in_how_many_months_its_commitment_is_checked() -> None:
    push = await pushed(with_terms({FOOD: {"commitment_check_months": 1}}), FOOD)
    check = next(one for one in push.clocks if one.clock is Clock.COMMITMENT_CHECK)
    assert check.due_on == date(2026, 12, 23)


async def test_an_item_of_another_field_does_not_shorten_an_authoritys_term() -> None:
    catalogue = with_terms({FOOD: {"receipt": 1}})
    items = a_decision(catalogue, items=(FOOD,)).data.items
    other = schedule_for(a_schedule(), catalogue, items, FIRE)
    assert other.terms.working_days[Clock.RECEIPT] == 1  # nobody's field: all items count
    both = a_decision(catalogue, items=(FOOD, FACTORY)).data.items
    assert (
        schedule_for(a_schedule(), catalogue, both, MARKET).terms.working_days[Clock.RECEIPT] == 1
    )


async def test_a_push_that_was_handed_over_has_the_terms_of_its_items_too() -> None:
    catalogue = with_terms({FOOD: {"inspection": 10}})
    stage = memory_stage(catalogue)
    event = a_decision(catalogue, items=(FOOD,))
    await stage.route(event)
    first = await stage.push(event, MARKET)
    await stage.return_(MARKET, first.push_id, suggested=FIRE)
    resolves = pool_id(event.id, first.push_id)
    assert days(await stage.push(event, FIRE, 1, resolves), Clock.INSPECTION) == 10


async def test_an_authority_has_a_term_of_its_own_after_which_a_receipt_is_deemed() -> None:
    policy = ReceiptPolicy.EXPLICIT_THEN_DEEMED
    push = await pushed(with_terms({}, receipt_policy=policy, deemed_after=4), FOOD)
    receipt = push.clocks[0]
    assert (receipt.lapses, receipt.working_days) == (True, 4)
    assert push.deem_at == receipt.due_at
    assert receipt.due_at - push.opened_at > timedelta(days=4)


def test_a_term_for_deeming_needs_the_policy_that_deems() -> None:
    with pytest.raises(ValueError, match="deemed_after"):
        with_terms({}, deemed_after=4)


def test_a_catalogue_without_terms_keeps_its_version() -> None:
    assert with_terms({}).version == a_catalogue().version
    assert "terms" not in a_catalogue().model_dump_json()
    assert with_terms({FOOD: {"receipt": 1}}).version != a_catalogue().version


def test_without_own_terms_the_settings_are_taken_as_they_are() -> None:
    schedule, catalogue = a_schedule(), a_catalogue()
    items = a_decision(catalogue).data.items
    assert schedule_for(schedule, catalogue, items, MARKET) is schedule
    assert schedule_for(schedule, catalogue, (), "unknown") is schedule

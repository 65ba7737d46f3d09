"""Routing a batch: what is opened, pooled, recalled and told, and that a repeat tells the same."""

from datetime import date

import pytest

from linkage_contracts.codes import DecisionKind, RiskClass, Rule
from linkage_contracts.decisions import DecisionEvent, Irregularity, Item
from linkage_contracts.feeds import IrregularEntry, PushOpenedEntry
from linkage_contracts.ids import push_id, stable_id
from linkage_contracts.ratings import DomainRating, Rating
from linkage_contracts.topics import FEEDS, PROGRESS
from linkage_runtime.errors import PermanentError, TransientError
from supervision_push.domain.party_class import PartyClass, about, class_of
from supervision_push.domain.terms import answer_clock
from tests.unit.push_builders import (
    BUREAU,
    CITY_HEALTH,
    FACTORY,
    FIRE,
    FOOD,
    MARKET,
    OVERSIGHT,
    PARTY,
    a_catalogue,
    a_decision,
    a_schedule,
)
from tests.unit.push_stage import MemoryStage, memory_stage

CATALOGUE = a_catalogue()
NEXT_DAY, DAY_AFTER = date(2026, 11, 24), date(2026, 11, 25)


@pytest.fixture
def stage() -> MemoryStage:
    return memory_stage()


def granted(number: str = "1", **more: object) -> DecisionEvent:
    return a_decision(CATALOGUE, number=number, **more)  # type: ignore[arg-type]


def act(kind: DecisionKind, number: str = "1", on: date = NEXT_DAY) -> DecisionEvent:
    return a_decision(CATALOGUE, kind, number=number, on=on)


async def test_a_decision_is_pushed_to_each_competent_authority_and_told_on_its_feed(
    stage: MemoryStage,
) -> None:
    routed = await stage.route(granted())
    assert {push.recipient for push in routed.opened} == {MARKET, CITY_HEALTH}
    entry = stage.publisher.feed_of(MARKET)[0]
    assert isinstance(entry, PushOpenedEntry)
    assert entry.data.push_id == push_id(granted().id, MARKET, 0)
    assert entry.data.decision == granted().data
    assert [one.clock for one in entry.data.clocks] == ["receipt", "enrolment", "inspection"]
    assert entry.party == PARTY


async def test_an_entry_carries_the_class_that_the_party_has_now(stage: MemoryStage) -> None:
    stage.classes.known[PARTY] = PartyClass(general=RiskClass.RAISED)
    await stage.route(granted())
    entry = stage.publisher.feed_of(MARKET)[0]
    assert isinstance(entry, PushOpenedEntry)
    assert entry.data.party_class is RiskClass.RAISED


@pytest.mark.parametrize(
    ("by_item", "carried"),
    [
        ({FOOD: RiskClass.LOW}, RiskClass.LOW),
        ({"000131999000": RiskClass.HIGH}, RiskClass.RAISED),
    ],
    ids=["the class of the item's domain", "another item's domain says nothing"],
)
async def test_an_entry_carries_the_class_of_the_domain_that_its_item_is_of(
    stage: MemoryStage, by_item: dict[str, RiskClass], carried: RiskClass
) -> None:
    stage.classes.known[PARTY] = PartyClass(general=RiskClass.RAISED, by_item=by_item)
    await stage.route(granted())
    entry = stage.publisher.feed_of(MARKET)[0]
    assert isinstance(entry, PushOpenedEntry)
    assert entry.data.party_class is carried


def test_of_several_domains_the_gravest_class_counts() -> None:
    low, high = (
        DomainRating(
            domain=name, items=items, risk_class=each, points=0, scorecard=f"{name}-2026.1"
        )
        for name, items, each in (
            ("food", (FOOD, "000131901000"), RiskClass.LOW),
            ("catering", (FOOD,), RiskClass.HIGH),
        )
    )
    rating = a_rating(low, high)
    both = [Item(code=FOOD), Item(code="000131901000")]
    assert about(class_of(rating), both) is RiskClass.HIGH
    assert about(class_of(rating), both[1:]) is RiskClass.LOW
    assert about(class_of(rating), ()) is RiskClass.ORDINARY
    assert about(None, both) is None


def a_rating(*domains: DomainRating) -> Rating:
    return Rating(
        party=PARTY,
        party_name="x",
        risk_class=RiskClass.ORDINARY,
        points=0,
        scorecard="general-2026.1",
        as_of=date(2026, 11, 23),
        revision=1,
        domains=domains,
    )


async def test_the_same_batch_again_opens_nothing_and_tells_the_very_same(
    stage: MemoryStage,
) -> None:
    events = (granted(), granted("2", items=()), act(DecisionKind.ANNULLED, "1"))
    await stage.route(*events)
    first = list(stage.publisher.published)
    routed = await stage.route(*events)
    assert (routed.opened, routed.pooled, routed.recalled) == ((), 0, 0)
    again = stage.publisher.published[len(first) :]
    assert [_but_recorded(event) for _, event in again] == [
        _but_recorded(event) for _, event in first
    ]


async def test_a_batch_that_could_not_be_told_is_told_when_it_comes_again(
    stage: MemoryStage,
) -> None:
    stage.publisher.failures = 1
    with pytest.raises(TransientError):
        await stage.route(granted())
    await stage.route(granted())
    assert len(stage.publisher.on(FEEDS)) == 2
    assert stage.publisher.types() == ["linkage.push.opened.v1"] * 2


async def test_a_push_that_has_moved_on_is_not_reset_by_a_repeat(stage: MemoryStage) -> None:
    event = granted()
    await stage.route(event)
    await stage.receive(MARKET, push_id(event.id, MARKET, 0))
    await stage.route(event)
    assert (await stage.push(event, MARKET)).receipt is not None


async def test_what_finds_nobody_waits_in_the_pool_and_is_told(stage: MemoryStage) -> None:
    event = granted(items=("999999999999",))
    routed = await stage.route(event)
    assert (routed.opened, routed.pooled) == ((), 1)
    assert list(stage.pool.entries) == [stable_id("pool", event.id, "")]
    assert stage.publisher.types() == ["linkage.decision.unrouted.v1"]


async def test_an_irregular_decision_is_pushed_and_told_to_bureau_and_oversight(
    stage: MemoryStage,
) -> None:
    event = granted(irregularities=(Irregularity(rule=Rule.PUSHED_LATE, detail="迟三日"),))
    routed = await stage.route(event)
    assert routed.opened
    for watcher in (BUREAU, OVERSIGHT):
        [entry] = stage.publisher.feed_of(watcher)
        assert isinstance(entry, IrregularEntry)
        assert entry.data.decision_event_id == event.id
        assert entry.data.clock == answer_clock(event.recordedtime, a_schedule()).notice


async def test_each_decision_is_routed_by_the_catalogue_that_it_was_checked_with() -> None:
    older = CATALOGUE.model_copy(update={"authorities": CATALOGUE.authorities[:-2]})
    stage = memory_stage(older, CATALOGUE)
    event = a_decision(older, items=(FACTORY,))
    await stage.route(event)
    assert (await stage.push(event, MARKET)).owes == ("receipt", "enrolment")


async def test_a_decision_of_an_unknown_catalogue_is_refused_for_ever(
    stage: MemoryStage,
) -> None:
    with pytest.raises(PermanentError):
        await stage.route(granted(catalogue_version="0" * 12))


async def test_an_amendment_reaches_whoever_claimed_the_decision_and_not_who_returned_it(
    stage: MemoryStage,
) -> None:
    event = granted()
    await stage.route(event)
    await stage.return_(MARKET, push_id(event.id, MARKET, 0), suggested=FIRE)
    amendment = act(DecisionKind.AMENDED)
    routed = await stage.route(amendment)
    assert {push.recipient for push in routed.opened} == {FIRE, CITY_HEALTH}


async def test_an_amendment_of_what_waits_in_the_pool_waits_there_too(
    stage: MemoryStage,
) -> None:
    event, amendment = granted(items=("999999999999",)), act(DecisionKind.AMENDED)
    await stage.route(event)
    await stage.route(amendment.model_copy(update={"data": _with_items(amendment, event)}))
    assert set(stage.pool.entries) == {
        stable_id("pool", event.id, ""),
        stable_id("pool", amendment.id, ""),
    }


async def test_of_two_contents_under_one_id_the_first_in_a_batch_stands(
    stage: MemoryStage,
) -> None:
    await stage.route(granted(), granted(content="另一内容"))
    entry = stage.publisher.feed_of(MARKET)[0]
    assert isinstance(entry, PushOpenedEntry)
    assert entry.data.decision.content == "食品经营"


async def test_the_ledger_and_the_feeds_hear_of_the_same_pushes(stage: MemoryStage) -> None:
    await stage.route(granted("1"), granted("2"), granted("3", items=()))
    told = {event.data.push_id for event in stage.publisher.on(FEEDS)}  # type: ignore[attr-defined]
    opened = {
        event.data.push_id  # type: ignore[attr-defined]
        for event in stage.publisher.on(PROGRESS)
        if event.type == "linkage.push.opened.v1"
    }
    assert told == opened == set(stage.pushes.stored)


def _with_items(later: DecisionEvent, first: DecisionEvent) -> object:
    return later.data.model_copy(update={"items": first.data.items})


def _but_recorded(event: object) -> object:
    return event.model_copy(update={"recordedtime": None})  # type: ignore[attr-defined]

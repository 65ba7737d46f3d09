"""The books of pushes in a real database: the same life as in memory, with real races."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from linkage_contracts.codes import Channel, DecisionKind, Duty, RiskClass
from linkage_contracts.ids import push_id
from linkage_contracts.ratings import DomainRating, Rating
from linkage_contracts.topics import PROGRESS
from linkage_runtime.access import Scope
from linkage_runtime.errors import TransientError
from linkage_runtime.http.problems import answer_problems
from linkage_runtime.mongo import Database
from linkage_runtime.outbox import Outbox
from supervision_push.adapters.deadlines.mongo_clocks import MongoClocks
from supervision_push.adapters.pushes.http_reports import reports_router
from supervision_push.adapters.pushes.mongo_deliveries import MongoDeliveries
from supervision_push.adapters.pushes.mongo_ratings import MongoRatings
from supervision_push.adapters.pushes.push_documents import push_subject
from supervision_push.adapters.pushes.push_views import PushViews
from supervision_push.adapters.pushes.returned_items import returned_items
from supervision_push.application.clock_ports import Chased
from supervision_push.application.keep_classes import keep_classes
from supervision_push.domain.clocks import Level
from supervision_push.domain.party_class import PartyClass
from supervision_push.domain.pool import pool_id
from supervision_push.domain.steps import PushState
from tests.unit.clock_fakes import chase
from tests.unit.push_builders import (
    CITY_HEALTH,
    FIRE,
    FOOD,
    MARKET,
    NOON,
    PARTY,
    a_catalogue,
    a_commitment,
    a_decision,
)
from tests.unit.push_fakes import FakeCatalogues
from tests.unit.push_stage import PushStage
from tests.unit.test_push_api import KeysInMemory, as_

CATALOGUE = a_catalogue()
EVENT = a_decision(CATALOGUE)
OFF_LIST = a_decision(CATALOGUE, number="9", items=("999999999999",))
PUSH, POOLED = push_id(EVENT.id, MARKET, 0), pool_id(OFF_LIST.id, None)


def clocks_of(own: Database, stage: PushStage) -> MongoClocks:
    publisher: Any = stage.publisher
    return MongoClocks(own["pushes"], push_subject, Outbox(own["pushes"], publisher))


async def long_ago(own: Database) -> None:
    """What was held or begun a moment ago was held or begun long ago."""
    old = {"held_at": NOON - timedelta(days=400), "finish_at": NOON - timedelta(days=400)}
    for name in ("pushes", "pool"):
        for field, at in old.items():
            await own[name].update_many({field: {"$exists": True}}, {"$set": {field: at}})


async def test_a_repeated_batch_changes_nothing_and_tells_the_same(stage: PushStage) -> None:
    await stage.route(EVENT, OFF_LIST)
    told = {event.id for _, event in stage.publisher.published}
    routed = await stage.route(EVENT, OFF_LIST)
    assert (routed.opened, routed.pooled) == ((), 0)
    assert {event.id for _, event in stage.publisher.published} == told


async def test_the_whole_first_loop(stage: PushStage, own: Database) -> None:
    await stage.route(EVENT)
    await stage.deliver(MARKET, PUSH)
    await stage.receive(MARKET, PUSH)
    await stage.enrol(MARKET, PUSH)
    await stage.feed_back(MARKET, [(PUSH, Duty.INSPECTION, "conforms")])
    assert (await stage.push(EVENT, MARKET)).state is PushState.CLOSED
    assert [kind.rsplit(".", 2)[1] for kind in stage.publisher.types()][2:] == [
        "delivered",
        "received",
        "enrolled",
        "fed-back",
    ]
    assert await own["pushes"].count_documents({"unpublished": True}) == 0


async def test_many_clerks_at_once_make_one_receipt(stage: PushStage) -> None:
    await stage.route(EVENT)
    outcomes = await asyncio.gather(
        *(stage.receive(MARKET, PUSH, by=f"clerk-{number}") for number in range(8))
    )
    assert all(outcome.done == (PUSH,) for outcome in outcomes)
    told = [one for one in stage.publisher.on(PROGRESS) if one.type.endswith("received.v1")]
    assert len(told) == 1
    receipt = (await stage.push(EVENT, MARKET)).receipt
    assert receipt is not None
    assert receipt.by == told[0].data.by  # type: ignore[attr-defined]


async def test_of_many_claims_at_once_exactly_one_wins(stage: PushStage, own: Database) -> None:
    await stage.route(OFF_LIST)
    outcomes = await asyncio.gather(
        *(stage.claim(one, POOLED) for one in (FIRE, MARKET, CITY_HEALTH) for _ in range(2))
    )
    assert sum(bool(outcome.done) for outcome in outcomes) == 2
    assert await own["pushes"].count_documents({}) == 1


async def test_a_return_that_a_crash_cut_short_is_finished(stage: PushStage, own: Database) -> None:
    await stage.route(EVENT)
    stage.publisher.failures = 1
    with pytest.raises(TransientError):
        await stage.return_(MARKET, PUSH, suggested=FIRE)
    assert (await stage.finish()).any is False  # it may still be at work
    await long_ago(own)
    assert (await stage.finish()).any is True
    assert (await stage.push(EVENT, FIRE, 1, pool_id(EVENT.id, PUSH))).state is PushState.OPEN
    await long_ago(own)
    assert (await stage.finish()).any is False


async def test_an_annulment_recalls_and_a_later_claim_is_recalled_too(stage: PushStage) -> None:
    await stage.route(EVENT)
    await stage.return_(MARKET, PUSH)
    annulment = a_decision(CATALOGUE, DecisionKind.ANNULLED)
    await stage.route(annulment)
    assert (await stage.push(EVENT, CITY_HEALTH)).state is PushState.RECALLED
    await stage.claim(FIRE, pool_id(EVENT.id, PUSH))
    assert (await stage.push(EVENT, FIRE, 1, pool_id(EVENT.id, PUSH))).state is PushState.RECALLED


async def test_a_late_deadline_is_told_once_by_many_timekeepers(
    stage: PushStage, own: Database
) -> None:
    verify_by = NOON.date() - timedelta(days=30)
    await stage.route(a_decision(CATALOGUE, commitment=a_commitment(verify_by)))
    stage.publisher.published.clear()
    clocks = clocks_of(own, stage)
    for _ in range(2):
        await asyncio.gather(
            *(chase(clocks, stage.publisher, NOON + timedelta(minutes=5)) for _ in range(3))
        )
    assert stage.publisher.types() == [
        "linkage.deadline.overdue.v1",
        "linkage.deadline.escalated.v1",
    ]
    assert await clocks.due(NOON + timedelta(minutes=5), 10) == []


async def test_an_act_at_the_moment_of_a_chase_loses_neither(
    stage: PushStage, own: Database
) -> None:
    event = a_decision(CATALOGUE, commitment=a_commitment(NOON.date() - timedelta(days=30)))
    await stage.route(event)
    identity = push_id(event.id, MARKET, 0)
    clocks = clocks_of(own, stage)
    await asyncio.gather(
        stage.receive(MARKET, identity),
        chase(clocks, stage.publisher, NOON + timedelta(minutes=5)),
    )
    stored = await own["pushes"].find_one({"_id": identity})
    assert stored is not None
    assert stored["receipt"]["by"] == "clerk-1"
    assert stored["clocks"]["receipt"]["stopped_at"] is not None


async def test_a_breach_told_while_the_push_was_returned_still_counts(
    stage: PushStage, own: Database
) -> None:
    event = a_decision(CATALOGUE, commitment=a_commitment(NOON.date() - timedelta(days=30)))
    await stage.route(event)
    identity = push_id(event.id, MARKET, 0)
    clocks = clocks_of(own, stage)
    at = NOON + timedelta(minutes=5)
    due = await clocks.due(at, 10)
    await stage.return_(MARKET, identity)
    await clocks.mark(
        [Chased(subject=one, clocks=tuple(clock.told(at) for clock in one.clocks)) for one in due]
    )
    stored = await own["pushes"].find_one({"_id": identity})
    assert stored is not None
    assert stored["level"] == Level.ESCALATED
    assert all(clock["stopped_at"] for clock in stored["clocks"].values())
    assert "next_at" not in stored


async def test_an_older_rating_never_replaces_a_newer_one(own: Database) -> None:
    classes = MongoRatings(own["ratings"])
    for revision, risk_class in ((2, RiskClass.HIGH), (1, RiskClass.LOW), (3, RiskClass.RAISED)):
        await keep_classes([_rating(revision, risk_class)], classes=classes)
        if revision == 1:
            assert await classes.of([PARTY]) == {PARTY: PartyClass(general=RiskClass.HIGH)}
    assert await classes.of([PARTY, "unknown"]) == {PARTY: PartyClass(general=RiskClass.RAISED)}
    food = DomainRating(
        domain="food", items=("1",), risk_class=RiskClass.HIGH, points=60, scorecard="food-2026.1"
    )
    with_food = _rating(4, RiskClass.LOW).model_copy(update={"domains": (food,)})
    await keep_classes([with_food], classes=classes)
    both = PartyClass(general=RiskClass.LOW, by_item={"1": RiskClass.HIGH})
    assert await classes.of([PARTY]) == {PARTY: both}


async def test_pages_show_each_push_once_though_all_were_opened_at_one_instant(
    stage: PushStage, own: Database
) -> None:
    events = [a_decision(CATALOGUE, number=str(number)) for number in range(5)]
    await stage.route(*events)
    views, seen, after = PushViews(own, FakeCatalogues(CATALOGUE)), list[str](), None
    while True:
        page = await views.pushes(MARKET, state=PushState.OPEN, after=after, limit=2)
        seen += [push["push_id"] for push in page["pushes"]]
        after = page.get("next")
        if after is None:
            break
    assert sorted(seen) == sorted(push_id(event.id, MARKET, 0) for event in events)


async def test_a_summary_counts_what_became_of_each(stage: PushStage, own: Database) -> None:
    await stage.route(EVENT, a_decision(CATALOGUE, number="2"))
    await stage.receive(MARKET, PUSH)
    views = PushViews(own, FakeCatalogues(CATALOGUE))
    rows = {row["organisation"]: row for row in (await views.summary(None))["organisations"]}
    assert set(rows) == {MARKET, CITY_HEALTH}
    assert (rows[MARKET]["pushed"], rows[MARKET]["received"], rows[MARKET]["returned"]) == (2, 1, 0)
    alone = await views.summary(CITY_HEALTH)
    assert [row["organisation"] for row in alone["organisations"]] == [CITY_HEALTH]


async def test_a_report_lists_items_that_are_often_returned_with_by_whom_and_why(
    stage: PushStage, own: Database
) -> None:
    events = [a_decision(CATALOGUE, number=str(number)) for number in range(3)]
    await stage.route(*events, OFF_LIST)
    for event, suggested in zip(events, (None, FIRE, FIRE), strict=True):
        await stage.return_(MARKET, push_id(event.id, MARKET, 0), suggested=suggested)
    catalogues = FakeCatalogues(CATALOGUE)
    rows = await returned_items(own["pushes"], catalogues, since=NOON, least=1, limit=10)
    assert [(row["item"], row["authority"], row["returns"]) for row in rows] == [(FOOD, MARKET, 3)]
    assert rows[0]["reasons"] == [{"reason": "非本局职责", "returns": 3}]
    assert rows[0]["suggested"] == [{"suggested": FIRE, "returns": 2}]
    for since, least in ((NOON, 4), (stage.later(), 1)):
        none = await returned_items(own["pushes"], catalogues, since=since, least=least, limit=10)
        assert none == []


@pytest.mark.parametrize(
    ("scope", "status"), [(Scope.OVERSEE, 200), (Scope.ADMINISTER, 200), (Scope.READ_FEED, 403)]
)
async def test_the_report_is_for_oversight_and_whoever_keeps_the_catalogue(
    stage: PushStage, own: Database, scope: Scope, status: int
) -> None:
    await stage.route(EVENT)
    await stage.return_(MARKET, PUSH)
    app = FastAPI()
    app.state.api_keys = KeysInMemory()
    app.include_router(reports_router(own["pushes"], FakeCatalogues(CATALOGUE), stage.later))
    answer_problems(app)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        path = "/v1/reports/returned-items?since=2026-11-23"
        answer = await client.get(path, headers=as_(f"somebody/{scope}"))
    assert answer.status_code == status
    assert [row["item"] for row in answer.json().get("items", [])] == [FOOD] * (status == 200)


async def test_the_pool_is_shown_to_the_authorities_of_its_region(
    stage: PushStage, own: Database
) -> None:
    await stage.route(OFF_LIST)
    views = PushViews(own, FakeCatalogues(CATALOGUE))
    for organisation, expected in ((FIRE, 1), (CITY_HEALTH, 1), ("nobody", 0), (None, 1)):
        page = await views.pool(organisation, after=None, limit=10)
        assert len(page["pool"]) == expected


def _rating(revision: int, risk_class: RiskClass) -> Rating:
    return Rating(
        party=PARTY,
        party_name="某食品有限公司",
        risk_class=risk_class,
        points=0,
        scorecard="1",
        as_of=NOON.date(),
        revision=revision,
    )


async def test_the_first_hand_over_of_a_push_is_its_delivery(
    stage: PushStage, own: Database
) -> None:
    await stage.route(EVENT)
    assert len((await stage.deliver(MARKET, PUSH)).plain) == 1
    assert not (await stage.deliver(MARKET, PUSH)).plain
    later = MongoDeliveries(own["deliveries"])
    await later.add([PUSH, "another"], Channel.KAFKA, NOON + timedelta(days=1))
    told = [one for one in stage.publisher.on(PROGRESS) if one.type.endswith("delivered.v1")]
    delivery = (await stage.push(EVENT, MARKET)).delivery
    assert len(told) == 1
    assert delivery is not None
    assert (delivery.at, delivery.channel) == (told[0].time, told[0].data.channel)  # type: ignore[attr-defined]


async def test_a_hand_over_that_was_told_and_not_kept_is_told_again_by_the_same_id(
    stage: PushStage, own: Database
) -> None:
    await stage.route(EVENT)
    await stage.deliver(MARKET, PUSH)
    await own["deliveries"].delete_many({})  # as whoever dies between the two leaves it
    await stage.deliver(MARKET, PUSH)
    told = [event for _, event in stage.publisher.published if event.type.endswith("delivered.v1")]
    assert len(told) == 2
    assert len({event.id for event in told}) == 1


async def test_a_push_is_shown_with_its_delivery_alone_and_in_a_list(
    stage: PushStage, own: Database
) -> None:
    await stage.route(EVENT)
    await stage.deliver(MARKET, PUSH)
    views = PushViews(own, FakeCatalogues(CATALOGUE))
    alone = await views.push(PUSH)
    page = await views.pushes(MARKET, state=None, after=None, limit=10)
    assert alone is not None
    assert [one["delivery"]["channel"] for one in (alone, *page["pushes"])] == [Channel.PULL] * 2

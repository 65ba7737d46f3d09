"""What an ended decision recalls, in whatever order the events come."""

from datetime import date

import pytest

from linkage_contracts.codes import DecisionKind
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.feeds import PushOpenedEntry, PushRecalledEntry
from linkage_contracts.ids import push_id
from supervision_push.domain.steps import PushState
from tests.unit.push_builders import (
    FACTORY,
    MARKET,
    a_catalogue,
    a_decision,
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


async def test_an_annulment_recalls_what_is_open_and_is_itself_pushed(
    stage: MemoryStage,
) -> None:
    event, annulment = granted(), act(DecisionKind.ANNULLED)
    await stage.route(event)
    routed = await stage.route(annulment)
    assert routed.recalled == 2
    assert (await stage.push(event, MARKET)).state is PushState.RECALLED
    assert (await stage.push(annulment, MARKET)).state is PushState.OPEN
    assert [one.type for one in stage.publisher.feed_of(MARKET)] == [
        "linkage.feed.push-opened.v1",
        "linkage.feed.push-recalled.v1",
        "linkage.feed.push-opened.v1",
    ]


async def test_an_annulment_in_the_same_batch_recalls_in_an_order_that_can_be_read(
    stage: MemoryStage,
) -> None:
    await stage.route(granted(), act(DecisionKind.ANNULLED))
    feed = stage.publisher.feed_of(MARKET)
    assert [type(one) for one in feed] == [PushOpenedEntry, PushRecalledEntry, PushOpenedEntry]


@pytest.mark.parametrize("together", [True, False])
async def test_a_decision_that_comes_after_its_annulment_is_opened_and_recalled(
    stage: MemoryStage,
    together: bool,  # noqa: FBT001
) -> None:
    event, annulment = granted(), act(DecisionKind.ANNULLED)
    if together:
        await stage.route(annulment, event)
    else:
        await stage.route(annulment)
        await stage.route(event)
    assert (await stage.push(event, MARKET)).state is PushState.RECALLED
    about_it = [
        one.type
        for one in stage.publisher.feed_of(MARKET)
        if one.data.push_id == push_id(event.id, MARKET, 0)  # type: ignore[attr-defined]
    ]
    assert about_it == ["linkage.feed.push-opened.v1", "linkage.feed.push-recalled.v1"]


async def test_a_decision_granted_anew_after_its_annulment_stands(stage: MemoryStage) -> None:
    await stage.route(granted(), act(DecisionKind.ANNULLED))
    anew = granted(on=DAY_AFTER)
    await stage.route(anew)
    assert (await stage.push(anew, MARKET)).state is PushState.OPEN


async def test_two_endings_on_one_day_do_not_recall_each_other(stage: MemoryStage) -> None:
    withdrawn, struck = act(DecisionKind.WITHDRAWN), act(DecisionKind.DEREGISTERED)
    await stage.route(granted(), withdrawn, struck)
    assert (await stage.push(withdrawn, MARKET)).state is PushState.OPEN
    assert (await stage.push(struck, MARKET)).state is PushState.OPEN


async def test_what_was_done_already_is_not_recalled(stage: MemoryStage) -> None:
    event = granted(items=(FACTORY,))
    await stage.route(event)
    identity = push_id(event.id, MARKET, 0)
    await stage.receive(MARKET, identity)
    await stage.enrol(MARKET, identity)
    await stage.route(act(DecisionKind.ANNULLED))
    assert (await stage.push(event, MARKET)).state is PushState.CLOSED

"""What goes wrong around the processes, in the middle of the load, loses and doubles nothing."""

import httpx
import pytest

from tests.fault.conftest import Tell
from tests.fault.faults import (
    lose,
    trouble_the_webhook,
)
from tests.fault.ground import KAFKA, MONGO
from tests.fault.poison import odd_but_good, poison
from tests.fault.receiver import Mood
from tests.fault.stage import Stage
from tests.fault.troubles import NETWORK, fill_the_disk, refuse_writes, spoil, wrong_clock
from tests.story.organisations import BUREAU

pytestmark = pytest.mark.fault


@pytest.mark.parametrize("part", ["broker", "database"])
def test_a_part_killed_and_started_again_on_its_data_loses_and_doubles_nothing(
    world: Stage, counted: Tell, part: str
) -> None:
    sent = world.traffic.emit(100)
    in_flight = lose(world, {"broker": world.broker, "database": world.database}[part])
    counted(world.finish(sent), in_flight=in_flight)


def test_what_is_sent_up_to_three_times_and_in_any_order_across_parties_counts_once(
    world: Stage, counted: Tell
) -> None:
    counted(world.finish(world.traffic.emit(70, copies=3)))


def test_poison_is_a_dead_letter_of_each_reader_and_holds_up_nothing(
    world: Stage, counted: Tell
) -> None:
    sent = world.traffic.emit(50)
    poisoned = poison(world.ground.address, world.book)
    good = odd_but_good(world.ground.address, world.book)
    counted(world.finish(sent), poison=poisoned, odd_but_good=good)


def test_poison_at_the_door_is_refused_and_leaves_no_trace(world: Stage, counted: Tell) -> None:
    too_large, deep, no_text = b"x" * (16 * 2**20 + 1), b"[" * 100_000, b'"\xff"'
    stack = world.running.stack
    for path in ("/v1/decisions", "/v1/decisions:batch"):
        for body, statuses in ((too_large, {413}), (deep, {400, 422}), (no_text, {400, 422})):
            answer = httpx.post(
                f"{stack.urls['approval-events']}{path}",
                content=body,
                headers={"Authorization": f"Bearer {stack.keys[BUREAU]}"},
                timeout=30,
                trust_env=False,
            )
            assert answer.status_code in statuses, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
    counted(world.finish(world.traffic.emit(10)))


def test_a_webhook_that_fails_hangs_and_drips_gets_everything_in_order_once_it_is_well(
    world: Stage, counted: Tell
) -> None:
    sent = world.traffic.emit(50)
    trouble_the_webhook(world, Mood.HANGS, Mood.DRIPS, Mood.ERROR)
    counted(world.finish(sent), repeated=world.receiver.repeated)


def test_a_webhook_that_answers_200_with_nonsense_has_what_it_was_sent(
    world: Stage, counted: Tell
) -> None:
    world.receiver.turn(Mood.RAMBLES)
    counted(world.finish(world.traffic.emit(30)), rambled=world.receiver.answered[Mood.RAMBLES])
    world.receiver.turn(Mood.WELL)


@pytest.mark.parametrize("way", [KAFKA, MONGO])
def test_a_network_that_is_slow_resets_and_swallows_loses_and_doubles_nothing(
    world: Stage, counted: Tell, way: str
) -> None:
    sent, in_flight = [], {}
    for toxic in NETWORK:
        sent += world.traffic.emit(40)
        in_flight[toxic] = spoil(world, way, toxic)
    counted(world.finish(sent), in_flight=in_flight)


def test_a_database_that_refuses_writes_for_a_while_loses_and_doubles_nothing(
    world: Stage, counted: Tell
) -> None:
    sent = world.traffic.emit(80)
    in_flight = refuse_writes(world)
    counted(world.finish(sent), in_flight=in_flight)


def test_a_database_whose_disk_is_full_loses_and_doubles_nothing(
    world: Stage, counted: Tell
) -> None:
    sent = world.traffic.emit(80)
    in_flight = fill_the_disk(world)
    counted(world.finish(sent), in_flight=in_flight)


def test_clocks_that_are_wrong_by_an_hour_lose_and_double_nothing(
    world: Stage, counted: Tell
) -> None:
    sent = []
    for name, hours in (("supervision-push.worker", 1), ("supervision-push.timekeeper", -1)):
        with wrong_clock(world, name, hours):
            sent += world.traffic.emit(40)
            world.finish(sent)
    counted(world.finish(world.traffic.emit(20)))

"""Each fault in the middle of the load: nothing lost, nothing doubled, in order, books balanced."""

from contextlib import ExitStack
from functools import partial

import httpx
import pytest

from tests.fault.conftest import Tell
from tests.fault.faults import (
    BEYOND_THE_SESSION,
    NAMES,
    freeze,
    kill,
    lose,
    stop,
    trouble_the_webhook,
)
from tests.fault.ground import KAFKA, MONGO
from tests.fault.lag import lag
from tests.fault.poison import odd_but_good, poison
from tests.fault.receiver import Mood
from tests.fault.stage import Stage
from tests.fault.troubles import NETWORK, fill_the_disk, refuse_writes, spoil, wrong_clock
from tests.story.organisations import BUREAU

pytestmark = pytest.mark.fault


def test_processes_killed_in_the_middle_of_their_work_lose_and_double_nothing(
    world: Stage, counted: Tell
) -> None:
    sent, in_flight = [], {}
    for name in NAMES:
        sent += world.traffic.emit(60)
        if name == "credit.api":
            sent += world.traffic.ask_for_eligibility(200)
        in_flight[name] = kill(world, name)
    counted(world.finish(sent), in_flight=in_flight)


def test_processes_told_to_stop_drain_within_ten_seconds_and_lose_nothing(
    world: Stage, counted: Tell
) -> None:
    sent = world.traffic.emit(150) + world.traffic.ask_for_eligibility(200)
    slowest = max(stop(world, name) for name in NAMES)
    counted(world.finish(sent), slowest_drain_seconds=round(slowest, 1))


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
    counted(world.finish(world.traffic.emit(100, copies=3)))


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


def test_a_second_worker_that_joins_and_leaves_loses_and_doubles_nothing(
    world: Stage, counted: Tell
) -> None:
    sent = world.traffic.emit(150)
    with world.another("supervision-push.worker") as second:
        sent += world.traffic.emit(50)
        in_flight = world.hit(second.child, lambda: lag(world.ground.address, "supervision-push"))
    with world.another("supervision-push.worker"):
        stop(world, "supervision-push.worker")
        sent += world.traffic.emit(50)
    counted(world.finish(sent), in_flight=in_flight)


def test_four_workers_that_join_and_leave_one_after_another_lose_and_double_nothing(
    world: Stage, counted: Tell
) -> None:
    name, in_flight = "supervision-push.worker", 0
    sent = world.traffic.emit(100)
    with ExitStack() as joined:
        others = [joined.enter_context(world.another(name)) for _ in range(3)]
        for worker in others[:2]:
            sent += world.traffic.emit(100)
            in_flight += world.hit(
                worker.child, lambda: lag(world.ground.address, "supervision-push")
            )
        stop(world, name)
        sent += world.traffic.emit(50)
    counted(world.finish(sent), in_flight=in_flight)


def test_a_worker_that_freezes_until_another_has_its_partitions_spoils_nothing_when_it_wakes(
    world: Stage, counted: Tell
) -> None:
    sent = world.traffic.emit(50)
    with world.another("supervision-push.worker"):
        freeze(world.process("supervision-push.worker").child, seconds=BEYOND_THE_SESSION)
        sent += world.traffic.emit(50)
        counted(world.finish(sent))


def test_random_faults_one_upon_another_lose_and_double_nothing(
    world: Stage, counted: Tell
) -> None:
    sent = world.traffic.emit(150, copies=2)
    faults = [partial(kill, world, name) for name in NAMES if name != "credit.api"]
    faults += [partial(lose, world, part) for part in (world.broker, world.database)]
    for fault in world.chance.sample(faults, 4):
        fault()
        sent += world.traffic.emit(60, copies=2)
    counted(world.finish(sent))

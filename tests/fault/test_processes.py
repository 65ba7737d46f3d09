"""Processes that die, stop, freeze or join in the middle of the load lose and double nothing."""

from contextlib import ExitStack
from functools import partial

import pytest

from tests.fault.conftest import Tell
from tests.fault.faults import (
    BEYOND_THE_SESSION,
    NAMES,
    freeze,
    kill,
    lose,
    stop,
)
from tests.fault.lag import lag
from tests.fault.stage import Stage

pytestmark = pytest.mark.fault


def test_processes_killed_in_the_middle_of_their_work_lose_and_double_nothing(
    world: Stage, counted: Tell
) -> None:
    sent, in_flight = [], {}
    for name in NAMES:
        sent += world.traffic.emit(35)
        if name == "credit.api":
            sent += world.traffic.ask_for_eligibility(200)
        in_flight[name] = kill(world, name)
    counted(world.finish(sent), in_flight=in_flight)


def test_processes_told_to_stop_drain_within_ten_seconds_and_lose_nothing(
    world: Stage, counted: Tell
) -> None:
    sent = world.traffic.emit(80) + world.traffic.ask_for_eligibility(200)
    slowest = max(stop(world, name) for name in NAMES)
    counted(world.finish(sent), slowest_drain_seconds=round(slowest, 1))


def test_a_second_worker_that_joins_and_leaves_loses_and_doubles_nothing(
    world: Stage, counted: Tell
) -> None:
    sent = world.traffic.emit(80)
    with world.another("supervision-push.worker") as second:
        sent += world.traffic.emit(40)
        in_flight = world.hit(second.child, lambda: lag(world.ground.address, "supervision-push"))
    with world.another("supervision-push.worker"):
        stop(world, "supervision-push.worker")
        sent += world.traffic.emit(50)
    counted(world.finish(sent), in_flight=in_flight)


def test_four_workers_that_join_and_leave_one_after_another_lose_and_double_nothing(
    world: Stage, counted: Tell
) -> None:
    name, in_flight = "supervision-push.worker", 0
    sent = world.traffic.emit(60)
    with ExitStack() as joined:
        others = [joined.enter_context(world.another(name)) for _ in range(3)]
        for worker in others[:2]:
            sent += world.traffic.emit(60)
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
    sent = world.traffic.emit(80, copies=2)
    faults = [partial(kill, world, name) for name in NAMES if name != "credit.api"]
    faults += [partial(lose, world, part) for part in (world.broker, world.database)]
    for fault in world.chance.sample(faults, 4):
        fault()
        sent += world.traffic.emit(40, copies=2)
    counted(world.finish(sent))

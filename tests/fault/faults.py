"""What is done to the system, each while the load goes on."""

import signal
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from linkage_runtime.stack.part import Part
from linkage_runtime.stack.process import Child
from linkage_runtime.stack.services import PROCESSES
from tests.fault.lag import lag
from tests.fault.receiver import Mood
from tests.fault.stage import SESSION_SECONDS, Stage
from tests.fault.stores import due, failures, undelivered
from tests.story.organisations import REGULATOR

NAMES = tuple(process.name for process in PROCESSES)
DRAINED_WITHIN = timedelta(seconds=10)
_AWAY_SECONDS = 4.0
BEYOND_THE_SESSION = SESSION_SECONDS + 3.0
"""Seconds after which a silent worker has lost its partitions."""


def in_flight(stage: Stage, name: str) -> int:
    """How much this process has in hand, or waiting for it."""
    service, _, role = name.partition(".")
    match role:
        case "api":
            return stage.book.asking[service]
        case "worker":
            return lag(stage.ground.address, service)
        case "books":
            # They are kept of whatever is under way.
            return sum(stage.book.asking.values())
        case "deliverer":
            return undelivered(stage.database.address, REGULATOR)
        case _:
            return due(stage.database.address)


def kill(stage: Stage, name: str) -> int:
    """``kill -9`` in the middle of its work, and a new start; returns what was in flight."""
    hit = stage.hit(stage.process(name).child, lambda: in_flight(stage, name))
    stage.start(name)
    return hit


def stop(stage: Stage, name: str) -> float:
    """SIGTERM and a new start; returns how many seconds it drained.

    Raises:
        NotReadyError: it did not end in time.
    """
    child = stage.process(name).child
    begun = time.monotonic()
    child.signal(signal.SIGTERM)
    child.await_end(within=DRAINED_WITHIN)
    drained = time.monotonic() - begun
    stage.start(name)
    return drained


def lose(stage: Stage, part: Part, *, away: float = _AWAY_SECONDS) -> int:
    """Kill the broker or the database under the load, and start it again on its data."""
    hit = stage.hit(part.child, lambda: sum(stage.book.asking.values()))
    time.sleep(away)
    part.start()
    return hit


def freeze(child: Child, *, seconds: float) -> None:
    """Let a process do nothing for a while, and then go on as if nothing had been."""
    child.signal(signal.SIGSTOP)
    time.sleep(seconds)
    child.signal(signal.SIGCONT)


def trouble_the_webhook(stage: Stage, *moods: Mood) -> None:
    """Let the regulator's endpoint be so, each in turn until the deliverer gave an attempt up."""

    def has_failed_more_than(before: int) -> bool:
        return _failures(stage) > before

    try:
        for mood in moods:
            before = _failures(stage)
            stage.receiver.turn(mood)
            await_true(partial(has_failed_more_than, before), within=90)
    finally:
        stage.receiver.turn(Mood.WELL)


def _failures(stage: Stage) -> int:
    return failures(stage.database.address, REGULATOR)


def await_true(look: Callable[[], bool], *, within: float) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + within
    while not look():
        assert time.monotonic() < deadline, "never happened"
        time.sleep(0.1)

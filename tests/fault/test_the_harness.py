"""The harness itself, tried on wrong builds; they spoil the books of a stack of their own."""

import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from linkage_runtime.stack.services import RunningProcess
from tests.fault.faults import await_true
from tests.fault.lag import lag
from tests.fault.stage import Stage

pytestmark = pytest.mark.fault
_WORKER = "supervision-push.worker"
_GROUP = "supervision-push"


def test_a_build_that_acknowledges_before_its_effects_are_durable_fails_the_count(
    world: Stage,
) -> None:
    def crash(worker: RunningProcess) -> None:
        _await_committed(world)
        worker.child.kill()

    assert _lost_with(world, "tests.fault.wrong_acks_first", crash)


def test_a_build_that_takes_an_error_for_done_fails_the_count(world: Stage) -> None:
    def lose_the_database(worker: RunningProcess) -> None:
        world.database.child.kill()
        worker.child.signal(signal.SIGCONT)
        _await_committed(world)
        worker.child.kill()
        world.database.start()

    assert _lost_with(world, "tests.fault.wrong_drops_on_error", lose_the_database, frozen=True)


def _lost_with(
    world: Stage, module: str, fault: Callable[[RunningProcess], None], *, frozen: bool = False
) -> list[str]:
    """What is lost, beyond what was lost before, when this build runs through this fault."""
    before = set(world.count().lost)
    world.process(_WORKER).child.stop()
    with _wrong_build(world, module) as worker:
        if frozen:
            worker.child.signal(signal.SIGSTOP)
        for future in world.traffic.emit(20):
            future.result()
        fault(worker)
    world.start(_WORKER)
    with pytest.raises(AssertionError, match="lost: pushes opened"):
        world.finish([], patience=20)
    return [line for line in world.count().lost if line not in before and "opened" in line]


def _wrong_build(world: Stage, module: str) -> AbstractContextManager[RunningProcess]:
    return world.another(_WORKER, sys.executable, "-m", module)


def _await_committed(world: Stage) -> None:
    await_true(lambda: lag(world.ground.address, _GROUP) == 0, within=60)

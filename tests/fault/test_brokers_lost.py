"""Three brokers, every record on all of them: one is lost, then each is restarted in turn."""

import signal
from collections.abc import Iterator
from datetime import timedelta

import pytest

from linkage_runtime.stack.folder import StackFolder
from tests.fault.conftest import Tell, staged
from tests.fault.faults import await_true
from tests.fault.ground import clustered_ground
from tests.fault.isr import out_of_sync
from tests.fault.stage import Stage

pytestmark = pytest.mark.fault
_STOPPED_WITHIN = timedelta(seconds=60)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Every process on three brokers."""
    with staged(StackFolder(tmp_path_factory.mktemp("cluster")), clustered_ground) as ready:
        yield ready


def test_while_one_of_three_brokers_is_dead_everything_goes_on(
    cluster: Stage, counted: Tell
) -> None:
    sent = cluster.traffic.emit(100)
    dead = cluster.broker
    in_flight = cluster.hit(dead.child, lambda: sum(cluster.book.asking.values()))
    # Counted whole before the broker is back: two of three are enough.
    cluster.finish(sent)
    dead.start()
    sent = cluster.traffic.emit(50)
    _await_in_sync(cluster)
    counted(cluster.finish(sent), in_flight=in_flight)


def test_brokers_restarted_one_after_another_lose_and_double_nothing(
    cluster: Stage, counted: Tell
) -> None:
    sent = []
    for broker in cluster.ground.brokers:
        sent += cluster.traffic.emit(40)
        broker.child.signal(signal.SIGTERM)
        broker.child.await_end(within=_STOPPED_WITHIN)
        broker.start()
        _await_in_sync(cluster)
    counted(cluster.finish(sent))


def _await_in_sync(cluster: Stage) -> None:
    await_true(lambda: out_of_sync(cluster.ground.address) == 0, within=90)

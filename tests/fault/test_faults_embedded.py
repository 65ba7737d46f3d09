"""The same faults on the embedded broker, as far as it can: one worker to a group, one broker."""

from collections.abc import Iterator
from functools import partial

import pytest

from linkage_runtime.stack.folder import StackFolder
from tests.fault.conftest import Tell, staged
from tests.fault.faults import NAMES, kill, lose
from tests.fault.faults import in_flight as flying
from tests.fault.ground import embedded_ground
from tests.fault.poison import odd_but_good, poison
from tests.fault.stage import Stage

pytestmark = pytest.mark.fault
_WORKERS = tuple(name for name in NAMES if name.endswith(".worker"))


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Every process, as `linkage up` starts them."""
    with staged(StackFolder(tmp_path_factory.mktemp("embedded")), embedded_ground) as ready:
        yield ready


def test_embedded_processes_killed_in_the_middle_of_their_work_lose_and_double_nothing(
    embedded: Stage, counted: Tell
) -> None:
    sent, in_flight = [], 0
    for name in NAMES:
        if name not in _WORKERS:
            sent += embedded.traffic.emit(40) + embedded.traffic.ask_for_eligibility(100)
            in_flight += kill(embedded, name)
    counted(embedded.finish(sent), in_flight=in_flight)


def test_embedded_workers_killed_in_the_middle_of_their_work_lose_and_double_nothing(
    embedded: Stage, counted: Tell
) -> None:
    # This broker never drops a dead member of a group; after its own restart it has none.
    sent, in_flight = [], 0
    for name in _WORKERS:
        sent += embedded.traffic.emit(40)
        worker = embedded.process(name).child
        in_flight += embedded.hit(worker, partial(flying, embedded, name))
        embedded.broker.child.kill()
        embedded.broker.start()
        embedded.start(name)
    counted(embedded.finish(sent), in_flight=in_flight)


def test_embedded_broker_and_database_killed_in_turn_lose_and_double_nothing(
    embedded: Stage, counted: Tell
) -> None:
    sent, in_flight = embedded.traffic.emit(100, copies=3), 0
    for part in (embedded.broker, embedded.database):
        in_flight += lose(embedded, part)
        sent += embedded.traffic.emit(60, copies=3)
    counted(embedded.finish(sent), in_flight=in_flight)


def test_poison_on_the_embedded_broker_is_a_dead_letter_of_each_reader(
    embedded: Stage, counted: Tell
) -> None:
    sent = embedded.traffic.emit(30)
    poisoned = poison(embedded.ground.address, embedded.book)
    good = odd_but_good(embedded.ground.address, embedded.book)
    counted(embedded.finish(sent), poison=poisoned, odd_but_good=good)

"""The same faults on the embedded broker, as far as it can.

It never drops a dead member of a group, so a worker that was killed never comes back; and killed
itself under load, it was seen to lose records that it had acknowledged. Both are tried on Apache
Kafka alone.
"""

from collections.abc import Iterator

import pytest

from linkage_runtime.stack.folder import StackFolder
from tests.fault.conftest import Tell, staged
from tests.fault.faults import NAMES, kill, lose, stop
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
    sent, in_flight = [], {}
    for name in NAMES:
        if name not in _WORKERS:
            sent += embedded.traffic.emit(30) + embedded.traffic.ask_for_eligibility(100)
            in_flight[name] = kill(embedded, name)
    counted(embedded.finish(sent), in_flight=in_flight)


def test_embedded_processes_told_to_stop_drain_and_lose_nothing(
    embedded: Stage, counted: Tell
) -> None:
    sent = embedded.traffic.emit(60, copies=3)
    slowest = max(stop(embedded, name) for name in NAMES)
    counted(embedded.finish(sent), slowest_drain_seconds=round(slowest, 1))


def test_an_embedded_database_killed_under_load_loses_and_doubles_nothing(
    embedded: Stage, counted: Tell
) -> None:
    sent = embedded.traffic.emit(60, copies=3)
    in_flight = lose(embedded, embedded.database)
    counted(embedded.finish(sent), in_flight=in_flight)


def test_poison_on_the_embedded_broker_is_a_dead_letter_of_each_reader(
    embedded: Stage, counted: Tell
) -> None:
    sent = embedded.traffic.emit(30)
    poisoned = poison(embedded.ground.address, embedded.book)
    good = odd_but_good(embedded.ground.address, embedded.book)
    counted(embedded.finish(sent), poison=poisoned, odd_but_good=good)

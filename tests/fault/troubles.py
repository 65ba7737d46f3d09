"""What is spoilt without a kill: the network, the database's writes, its disk, one clock."""

import resource
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import pymongo
from pymongo.errors import PyMongoError

from linkage_runtime.stack.embedded import answers
from linkage_runtime.stack.part import Part
from tests.fault.faults import await_true
from tests.fault.stage import Stage

NETWORK: Final[Mapping[str, Mapping[str, int]]] = {
    "latency": {"latency": 250, "jitter": 200},
    "reset_peer": {"timeout": 0},
    # Nothing passes and nothing is closed: neither side knows that the other is away.
    "timeout": {"timeout": 0},
}
"""Toxics of toxiproxy, with attributes in milliseconds."""
SPOILT_SECONDS = 5.0
_NOT_PRIMARY: Final = 10107
"""NotWritablePrimary: what a member of a replica set answers while another is elected."""


def spoil(stage: Stage, way: str, toxic: str, *, seconds: float = SPOILT_SECONDS) -> int:
    """Spoil the way to the broker or the database for a while; returns what was in flight."""
    in_flight = _await_in_flight(stage)
    with stage.proxy.spoilt(way, toxic, **NETWORK[toxic]):
        time.sleep(seconds)
    return in_flight


def refuse_writes(stage: Stage, *, seconds: float = SPOILT_SECONDS) -> int:
    """Let the database refuse every write for a while, as in an election; what was in flight."""
    in_flight = _await_in_flight(stage)
    fails = ["insert", "update", "delete", "findAndModify"]
    with _admin(stage.database) as admin:
        data = {"failCommands": fails, "errorCode": _NOT_PRIMARY}
        admin.command("configureFailPoint", "failCommand", mode="alwaysOn", data=data)
        try:
            time.sleep(seconds)
        finally:
            admin.command("configureFailPoint", "failCommand", mode="off")
    return in_flight


def fill_the_disk(stage: Stage, *, seconds: float = SPOILT_SECONDS) -> int:
    """Let none of the database's files be written for a while, and start it again then.

    As its disk were full, or its quota used up: whatever it writes fails (``RLIMIT_FSIZE``).

    Raises:
        AssertionError: it still took a write.
    """
    in_flight, pid = _await_in_flight(stage), stage.database.child.pid
    assert pid is not None
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[1]))
    time.sleep(seconds)
    assert not _takes_writes(stage.database)
    stage.database.child.kill()
    stage.database.start()
    return in_flight


@contextmanager
def wrong_clock(stage: Stage, name: str, hours: int) -> Iterator[None]:
    """Run a process with a clock that is wrong by so many hours, in place of the one that runs."""
    stage.process(name).child.stop()
    try:
        module = stage.process(name).child.command.argv[-1]
        wrong = (sys.executable, "-m", "tests.fault.wrong_clock", str(hours), module)
        with stage.another(name, *wrong):
            yield
    finally:
        stage.start(name)


def _await_in_flight(stage: Stage) -> int:
    def asking() -> int:
        return sum(stage.book.asking.values())

    await_true(lambda: asking() > 0, within=30)
    return asking()


def _takes_writes(database: Part) -> bool:
    if not answers(database.address):
        return False
    with _admin(database) as admin:
        try:
            admin.client["fault"]["probe"].insert_one({})
        except PyMongoError:
            return False
    return True


@contextmanager
def _admin(part: Part) -> Iterator[pymongo.database.Database[dict[str, Any]]]:
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
        part.address, timeoutMS=5_000, retryWrites=False
    )
    try:
        yield client["admin"]
    finally:
        client.close()

"""The embedded parts: noida-db speaks Kafka, SecantusDB speaks MongoDB, each a process of its own.

They make one machine enough for a first look and for tests. They are not production: noida-db
takes one member per consumer group and has no exactly-once, SecantusDB is slower than MongoDB.
Both keep what they acknowledged when they are killed.
"""

import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pymongo
from pymongo.errors import PyMongoError

from linkage_runtime.errors import LinkageError
from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.part import Part
from linkage_runtime.stack.ports import LOOPBACK, HeldPort, listens
from linkage_runtime.stack.process import Child, Command

# Both are up within a second on a quiet machine; a busy CI may be twenty times slower.
_START = timedelta(seconds=30)
_MISSING = (
    "{} is not installed: install linkage-runtime[embedded], "
    "or say where they run with LINKAGE_KAFKA and LINKAGE_MONGO"
)


class NotInstalledError(LinkageError):
    """The optional embedded parts are not installed."""


@contextmanager
def embedded_kafka(folder: StackFolder) -> Iterator[str]:
    """Run noida-db while the context lasts; gives its bootstrap address."""
    with embedded_broker(folder) as broker:
        yield broker.address


@contextmanager
def embedded_broker(folder: StackFolder) -> Iterator[Part]:
    """Run noida-db while the context lasts; whoever has it may stop it and start it again."""
    with HeldPort() as port:
        child = Child(
            Command(
                name="kafka",
                argv=(
                    *(str(_noida_db()), "start", "--only", "kafka"),
                    *("--host", LOOPBACK, "--kafka-port", str(port.hand_over())),
                    *("--data-dir", str(folder.data("kafka"))),
                ),
                log=folder.log("kafka"),
                pid_file=folder.pid_file("kafka"),
            )
        )
        broker = Part(
            child=child,
            address=port.address,
            answers=lambda: listens(port.number),
            within=_START,
        )
        try:
            broker.start()
            yield broker
        finally:
            child.stop()


@contextmanager
def embedded_mongo(folder: StackFolder) -> Iterator[str]:
    """Run SecantusDB while the context lasts; gives its MongoDB URI."""
    with embedded_database(folder) as database:
        yield database.address


@contextmanager
def embedded_database(folder: StackFolder) -> Iterator[Part]:
    """Run SecantusDB while the context lasts; whoever has it may stop it and start it again."""
    data = folder.data("mongo")
    # Without a file of our own it would read one from the user's home.
    settings = data.with_name("secantusd.toml")
    settings.touch()
    with HeldPort() as port:
        uri = f"mongodb://{port.address}/?directConnection=true"
        child = Child(
            Command(
                name="mongo",
                argv=(
                    *(str(_secantus_db()), "--config", str(settings)),
                    *("--host", LOOPBACK, "--port", str(port.hand_over())),
                    *("--storage-path", str(data)),
                ),
                log=folder.log("mongo"),
                pid_file=folder.pid_file("mongo"),
            )
        )
        database = Part(child=child, address=uri, answers=lambda: answers(uri), within=_START)
        try:
            database.start()
            yield database
        finally:
            child.stop()


def answers(uri: str) -> bool:
    """Whether a MongoDB answers at this URI."""
    client: pymongo.MongoClient[dict[str, object]] = pymongo.MongoClient(
        uri, serverSelectionTimeoutMS=500
    )
    try:
        client.admin.command("ping")
    except PyMongoError:
        return False
    finally:
        client.close()
    return True


def _noida_db() -> Path:
    """The program itself: the console script would be one more process between it and us.

    Raises:
        NotInstalledError: the extra is not installed.
    """
    package = importlib.util.find_spec("noida_db")
    if package is None or package.origin is None:
        raise NotInstalledError(_MISSING.format("noida-db"))
    program = Path(package.origin).with_name("noida-db")
    if not os.access(program, os.X_OK):
        # Some installers drop the bit; the console script sets it in the same way.
        program.chmod(0o755)
    return program


def _secantus_db() -> Path:
    """The server's program in this environment.

    Raises:
        NotInstalledError: the extra is not installed.
    """
    program = Path(sys.executable).with_name("secantusd-py")
    if not program.exists():
        raise NotInstalledError(_MISSING.format("secantusdb"))
    return program

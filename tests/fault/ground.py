"""What a stack stands on: one broker and the database behind a proxy, three brokers, embedded."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from linkage_runtime.stack.apache import apache_broker, apache_brokers
from linkage_runtime.stack.apache_settings import Proxied
from linkage_runtime.stack.embedded import embedded_broker, embedded_database
from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.part import Part
from linkage_runtime.stack.ports import HeldPort
from tests.brokers import kafka_pom
from tests.fault.proxy import Toxiproxy, toxiproxy

KAFKA, MONGO = "kafka", "mongo"
"""What the services reach through a proxy, by its name there."""
BROKERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Brokers and a database, and how the services reach them."""

    brokers: list[Part]
    database: Part
    kafka: str
    """As the services reach it."""
    mongo: str
    proxy: Toxiproxy | None = None
    replication: int = 1

    @property
    def address(self) -> str:
        """Where the harness reads the log: past the proxy, for what it counts is never spoilt."""
        return ",".join(broker.address for broker in self.brokers)


@contextmanager
def proxied_ground(folder: StackFolder) -> Iterator[Ground]:
    """One Apache Kafka and the database, each behind a proxy that can be spoilt.

    The database can be told to fail (``configureFailPoint``), as MongoDB can in tests.
    """
    _settings_of(folder).write_text("[server]\nenable_test_commands = true\n", encoding="utf-8")
    with (
        toxiproxy(folder) as proxy,
        embedded_database(folder) as database,
        HeldPort() as inner,
        HeldPort() as kafka,
        HeldPort() as mongo,
    ):
        proxy.open(KAFKA, listen=kafka.address, upstream=inner.address)
        direct = urlsplit(database.address)
        proxy.open(MONGO, listen=mongo.address, upstream=direct.netloc)
        ways = Proxied(inner=inner, outer=kafka.address)
        with apache_broker(folder, pom=kafka_pom(), proxied=ways) as broker:
            yield Ground(
                brokers=[broker],
                database=database,
                kafka=kafka.address,
                mongo=direct._replace(netloc=mongo.address).geturl(),
                proxy=proxy,
            )


def _settings_of(folder: StackFolder) -> Path:
    return folder.data("mongo").with_name("secantusd.toml")


@contextmanager
def clustered_ground(folder: StackFolder) -> Iterator[Ground]:
    """Three brokers: every record stands on all of them, and two must have it."""
    with (
        embedded_database(folder) as database,
        apache_brokers(folder, pom=kafka_pom(), brokers=BROKERS) as brokers,
    ):
        yield Ground(
            brokers=brokers,
            database=database,
            kafka=",".join(broker.address for broker in brokers),
            mongo=database.address,
            replication=BROKERS,
        )


@contextmanager
def embedded_ground(folder: StackFolder) -> Iterator[Ground]:
    """The embedded broker and database, as `linkage up` has them."""
    with embedded_database(folder) as database, embedded_broker(folder) as broker:
        yield Ground(
            brokers=[broker], database=database, kafka=broker.address, mongo=database.address
        )

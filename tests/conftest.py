"""Brokers and a database for the tests; each is started when the first test asks, once."""

from collections.abc import Iterator

import pytest
import structlog

from linkage_runtime.stack.apache import apache_kafka as run_apache_kafka
from linkage_runtime.stack.embedded import embedded_kafka as run_embedded_kafka
from linkage_runtime.stack.embedded import embedded_mongo
from linkage_runtime.stack.folder import StackFolder
from tests.brokers import kafka_pom

# structlog's default draws every traceback with all its locals: minutes where a test logs many.
structlog.configure(
    processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
)


@pytest.fixture(scope="session")
def stack_folder(tmp_path_factory: pytest.TempPathFactory) -> StackFolder:
    """Where the brokers and the database of this test run keep data and logs."""
    return StackFolder(tmp_path_factory.mktemp("stack"))


@pytest.fixture(scope="session")
def embedded_kafka(stack_folder: StackFolder) -> Iterator[str]:
    """The embedded broker's bootstrap address."""
    with run_embedded_kafka(stack_folder) as address:
        yield address


@pytest.fixture(scope="session")
def mongo(stack_folder: StackFolder) -> Iterator[str]:
    """The embedded database's URI."""
    with embedded_mongo(stack_folder) as uri:
        yield uri


@pytest.fixture(scope="session")
def apache_kafka(stack_folder: StackFolder) -> Iterator[str]:
    """Apache Kafka's bootstrap address; what it needs may be absent from a laptop, not from CI."""
    with run_apache_kafka(stack_folder, pom=kafka_pom()) as address:
        yield address


@pytest.fixture(
    scope="session",
    params=["embedded_kafka", pytest.param("apache_kafka", marks=pytest.mark.apache)],
)
def kafka(request: pytest.FixtureRequest) -> str:
    """A broker's bootstrap address: the same test on the embedded one and on Apache Kafka."""
    address: str = request.getfixturevalue(request.param)
    return address

"""A whole stack for the stories, with a broker of its own: the books must start empty."""

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from linkage_runtime.command.seed import seed
from linkage_runtime.stack.apache import apache_kafka
from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.local import RunningStack, Stack, StackPlan, local_stack
from tests.brokers import kafka_pom
from tests.story.collector import Collector, collecting
from tests.story.organisations import BUREAU, REGULATOR, Organisation

BROKERS = ["embedded", pytest.param("apache", marks=pytest.mark.apache)]


@pytest.fixture(scope="module", params=BROKERS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> StackFolder:
    """All that broker, stack and collector write; each broker's stack has one of its own."""
    return StackFolder(tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def broker(folder: StackFolder) -> Iterator[str | None]:
    """A fresh Apache Kafka's address, or None for the stack's own embedded broker."""
    if folder.root.name.startswith("embedded"):
        yield None
        return
    with apache_kafka(folder, pom=kafka_pom()) as address:
        yield address


@pytest.fixture(scope="module")
def collector(folder: StackFolder) -> Iterator[Collector]:
    """What is told it lies among the files of the stack: id numbers are looked for in all."""
    with collecting(folder.root / "traces" / "told.otlp") as collector:
        yield collector


@pytest.fixture(scope="module")
def running(
    broker: str | None, folder: StackFolder, collector: Collector
) -> Iterator[RunningStack]:
    """Every process, started once for the stories of a file; all is traced."""
    with ExitStack() as parts:
        plan = StackPlan(folder=folder, kafka=broker)
        yield parts.enter_context(local_stack(plan, seed=seed, tell=print))


@pytest.fixture(scope="module")
def stack(running: RunningStack) -> Stack:
    return running.stack


@pytest.fixture(scope="module")
def bureau(stack: Stack) -> Iterator[Organisation]:
    with closing(Organisation(stack, BUREAU)) as organisation:
        yield organisation


@pytest.fixture(scope="module")
def regulator(stack: Stack) -> Iterator[Organisation]:
    with closing(Organisation(stack, REGULATOR)) as organisation:
        yield organisation

"""Workers of an earlier version and of this one, side by side in their groups, then this one alone.

The earlier version is a commit of this repository's own history, run on its own sources and its own
deploy/ folder. It knows no event type that was added since; the load is of those it knows.
"""

import asyncio
import shutil
import subprocess
import tarfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from linkage_contracts.topics import DECISIONS
from linkage_runtime.books.audit import audit
from linkage_runtime.books.quiet import await_quiet
from linkage_runtime.catalogue_store import MongoCatalogues, read_catalogue
from linkage_runtime.command.seed import seed
from linkage_runtime.mongo import connect, database
from linkage_runtime.stack.apache import apache_kafka
from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.local import RunningStack, Stack, StackPlan, local_stack
from linkage_runtime.stack.ports import HeldPort
from linkage_runtime.stack.process import Child
from linkage_runtime.stack.services import PROCESSES, RunningProcess
from tests.brokers import kafka_pom
from tests.lacking import lacks
from tests.log import Log
from tests.steady import SteadyDecisions
from tests.story.organisations import REGULATOR, Organisation, eventually

pytestmark = [pytest.mark.story, pytest.mark.apache]

PREVIOUS = "030e335"
"""What was handed over last: it moves on with each release, and then only."""
ROOT = Path(__file__).resolve().parents[2]
MEMBERS = (
    *("contracts", "runtime"),
    *("services/approval-events", "services/supervision-push", "services/credit"),
)
WORKERS = ("approval-events.worker", "supervision-push.worker", "credit.worker")
APIS = ("approval-events.api", "supervision-push.api")
SHARE = 10
"""Decisions that each worker of each version must settle while both run."""


@pytest.fixture
def previous(tmp_path: Path) -> Path:
    """The earlier version's sources; a history without it fails in CI, which has the whole."""
    git = shutil.which("git")
    archived = git and subprocess.run(
        [git, "-C", str(ROOT), "archive", PREVIOUS, "deploy", *MEMBERS],
        check=False,
        capture_output=True,
    )
    if not archived or archived.returncode:
        missing = f"this checkout's history has no {PREVIOUS}: git fetch --unshallow"
        lacks(missing)
    with tarfile.open(fileobj=BytesIO(archived.stdout)) as sources:
        sources.extractall(tmp_path / "previous", filter="data")
    return tmp_path / "previous"


@pytest.fixture
def running(previous: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """This version, on Apache Kafka and on the catalogue that stood there before."""

    def seed_as_before(stack: Stack) -> Mapping[str, str]:
        keys = seed(stack)
        asyncio.run(_put_in_force(stack.mongo, previous / "deploy" / "catalogue"))
        return keys

    folder = StackFolder(tmp_path_factory.mktemp("upgrade"))
    with apache_kafka(folder, pom=kafka_pom()) as kafka:
        processes = [one for one in PROCESSES if one.name in {*WORKERS, *APIS}]
        plan = StackPlan(folder=folder, kafka=kafka, processes=processes)
        with local_stack(plan, seed=seed_as_before, tell=print) as stack:
            yield stack


async def _put_in_force(mongo: str, folder: Path) -> None:
    client = connect(mongo)
    catalogues = MongoCatalogues(database(client, "linkage_reference")["catalogues"])
    await catalogues.put_in_force(read_catalogue(folder))
    client.close()


@contextmanager
def earlier_workers(running: RunningStack, sources: Path) -> Iterator[dict[str, RunningProcess]]:
    """One more of each worker, as the earlier version has it; told to stop in the end."""
    folder = StackFolder(running.stack.folder)
    deploy = sources / "deploy"
    own = {
        "PYTHONPATH": ":".join(str(sources / member / "src") for member in MEMBERS),
        "LINKAGE_CALENDAR_DIR": str(deploy / "calendar"),
        "LINKAGE_SCORECARDS": str(deploy / "scorecards"),
        "LINKAGE_APPROVAL_RULES": str(deploy / "rules" / "approvals.yaml"),
    }
    with ExitStack() as parts:
        workers = {}
        for name in WORKERS:
            like = running.services.running[name]
            port, probes = (parts.enter_context(HeldPort()) for _ in range(2))
            settings = own | {"LINKAGE_PROBES_PORT": str(probes.number)}
            command = replace(
                like.child.command,
                name=f"{name}.earlier",
                environment={**like.child.command.environment, **settings},
                log=folder.log(f"{name}.earlier"),
                pid_file=folder.pid_file(f"{name}.earlier"),
            )
            workers[name] = RunningProcess(like.process, Child(command), port, probes)
            parts.callback(workers[name].child.stop)
        for worker in workers.values():
            worker.start()
        for worker in workers.values():
            worker.await_ready()
        yield workers


def await_share(worker: RunningProcess) -> None:
    """Wait until this one has settled some more of the load."""
    before = settled(worker)
    what = f"{SHARE} more decisions settled by {worker.child.name}"
    eventually(lambda: settled(worker) - before >= SHARE, what)


def settled(worker: RunningProcess) -> float:
    """How many decisions it has settled."""
    text = httpx.get(f"{worker.probes.url}/metrics", trust_env=False).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "linkage_settled_total"
        and sample.labels["topic"] == DECISIONS.name
        and sample.labels["outcome"] == "handled"
    )


def test_two_versions_share_the_topics_and_the_earlier_one_leaves(
    running: RunningStack, previous: Path
) -> None:
    stack = running.stack
    load = SteadyDecisions(stack)
    load.start()
    try:
        with earlier_workers(running, previous) as earlier:
            for name in WORKERS:
                await_share(earlier[name])
                await_share(running.services.running[name])
            with closing(Organisation(stack, REGULATOR)) as regulator:
                entries = regulator.get(
                    "supervision-push", f"/v1/feeds/{REGULATOR}/entries", limit=200
                )
                pushes = [
                    entry["data"]["push_id"]
                    for entry in entries.json()
                    if entry["type"] == "linkage.feed.push-opened.v1"
                ]
                regulator.act("pushes:receive", push_ids=pushes)
        # Stopped under load: what they had not settled is read again by this version.
        await_share(running.services.running["supervision-push.worker"])
    finally:
        accepted = load.end()
    assert load.surprises == []
    assert await_quiet(stack.kafka, quiet=2, patience=30)
    log = Log()
    log.read_on(stack.kafka)
    assert log.letters == set()
    issued = [seen.data["decision_id"] for seen in log.of("decision.issued")]
    assert Counter(issued) == Counter(accepted)
    opened = [seen.data["decision_id"] for seen in log.of("push.opened")]
    assert Counter(opened) == Counter(accepted)
    assert len(log.of("push.received")) == len(pushes)
    assert audit(stack.kafka, stack.mongo, wait=20).unaccounted == []

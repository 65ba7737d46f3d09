"""A stack to be measured, with a receiver of webhooks beside it."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import httpx

from linkage_runtime.command.seed import seed
from linkage_runtime.stack.apache import apache_kafka
from linkage_runtime.stack.folder import StackFolder, deploy_folder
from linkage_runtime.stack.local import Stack, StackPlan, local_stack
from linkage_runtime.stack.ports import HeldPort, listens
from linkage_runtime.stack.process import Child, Command
from linkage_runtime.stack.services import PROCESSES, Services
from tests.benchmark import followers
from tests.benchmark.ends import Delivered, End
from tests.benchmark.load import Plan, Posted
from tests.benchmark.measures import Measured, measured
from tests.benchmark.usage import Usage, usage_of
from tests.story.organisations import BUREAU, FOOD_LICENCE, REGULATOR

PUSH_PATH = (
    *("approval-events.api", "supervision-push.api"),
    *("supervision-push.worker", "supervision-push.deliverer"),
)
"""API, router, feed writer and deliverer; the ledger, the clocks and credit are off."""
EVERYTHING = tuple(process.name for process in PROCESSES)

_PATIENCE_SECONDS = 300.0
_LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Stage:
    """A running stack, its receiver, and where load programs leave what they saw."""

    stack: Stack
    services: Services
    folder: StackFolder
    receiver: str
    tell: Callable[[str], None]
    subscription: str
    """Its id."""

    def deliver_in(self, batch: int) -> None:
        """Let each webhook request carry up to so many entries."""
        change = {"batch_size": batch}
        _on_subscriptions(self.stack, "PATCH", f"/{self.subscription}", change).raise_for_status()

    def plan(self, decisions: int, **more: Any) -> Plan:
        """Food licences of one county, each pushed to one authority."""
        return Plan(
            url=self.stack.urls["approval-events"],
            key=self.stack.keys[BUREAU],
            authority=BUREAU,
            item=FOOD_LICENCE,
            decisions=decisions,
            **more,
        )

    def measure(
        self, name: str, plan: Plan, end: End | None = None, *, waiting: int = 0
    ) -> Measured:
        """Post a plan, wait until every decision of it came to its end, and say how it went.

        Args:
            name: for the table.
            plan: what is posted.
            end: when a decision is done; by default once its webhook was answered.
            waiting: how many were posted before and are not done yet.

        Raises:
            RuntimeError: not everything was done in time.
        """
        end = end or Delivered(self.receiver)
        self.tell(f"{name}: {plan.decisions} decisions")
        before, seen_before = self.used(), end.seen()
        posted = self.post(plan)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while (seen := end.seen() - seen_before) < len(posted) + waiting:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{name}: {len(posted)} accepted, {seen} done")
            time.sleep(_LOOK_SECONDS)
        used = self.used(since=before)
        return measured(name, posted, end.stages(), used)

    def used(self, *, since: Mapping[str, Usage] = MappingProxyType({})) -> Mapping[str, Usage]:
        """What each process used since an earlier look, or since it started."""
        now = usage_of(self.folder.pid_file("x").parent)
        return {name: use.since(since[name]) if name in since else use for name, use in now.items()}

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Programs of the regulator and of the bureau do all that is owed, while this lasts."""
        plan = followers.Plan(
            approval=self.stack.urls["approval-events"],
            supervision=self.stack.urls["supervision-push"],
            bureau=BUREAU,
            bureau_key=self.stack.keys[BUREAU],
            regulator=REGULATOR,
            regulator_key=self.stack.keys[REGULATOR],
        )
        file = self.folder.root / "followers.json"
        file.write_text(json.dumps(asdict(plan)), encoding="utf-8")
        child = Child(
            Command(
                name="followers",
                argv=(sys.executable, "-m", "tests.benchmark.followers", str(file)),
                log=self.folder.log("followers"),
                pid_file=self.folder.pid_file("followers"),
            )
        )
        try:
            child.start()
            yield
        finally:
            child.stop()

    def post(self, plan: Plan) -> list[Posted]:
        """Post a plan; what was accepted of it."""
        folder = self.folder.root / "load"
        folder.mkdir(exist_ok=True)
        out = folder / f"{plan.first}.jsonl"
        subprocess.run(
            (
                *(sys.executable, "-m", "tests.benchmark.load"),
                *(str(plan.write(folder / f"{plan.first}.json")), str(out)),
            ),
            check=True,
        )
        lines = out.read_text(encoding="utf-8").splitlines()
        return [Posted(**json.loads(line)) for line in lines]


@contextmanager
def stage(
    folder: StackFolder,
    *,
    broker: str,
    processes: Sequence[str],
    tell: Callable[[str], None],
) -> Iterator[Stage]:
    """Run these processes on one broker while the context lasts; the regulator has a webhook."""
    with ExitStack() as parts:
        kafka = (
            parts.enter_context(apache_kafka(folder, pom=deploy_folder() / "kafka" / "pom.xml"))
            if broker == "apache"
            else None
        )
        chosen = [process for process in PROCESSES if process.name in processes]
        plan = StackPlan(folder=folder, kafka=kafka, processes=chosen)
        running = parts.enter_context(local_stack(plan, seed=seed, tell=tell))
        receiver = parts.enter_context(_receiver(folder))
        wanted = {"channel": "webhook", "endpoint": f"{receiver}/hook"}
        stack = running.stack
        made = _on_subscriptions(stack, "POST", "", wanted).raise_for_status().json()
        yield Stage(stack, running.services, folder, receiver, tell, made["id"])


@contextmanager
def _receiver(folder: StackFolder) -> Iterator[str]:
    with HeldPort() as port:
        child = Child(
            Command(
                name="receiver",
                argv=(sys.executable, "-m", "tests.benchmark.receiver", str(port.number)),
                log=folder.log("receiver"),
                pid_file=folder.pid_file("receiver"),
            )
        )
        try:
            port.hand_over()
            child.start()
            child.await_ready(lambda: listens(port.number), within=timedelta(seconds=30))
            yield port.url
        finally:
            child.stop()


def _on_subscriptions(stack: Stack, method: str, path: str, body: object) -> httpx.Response:
    return httpx.request(
        method,
        f"{stack.urls['supervision-push']}/v1/subscriptions{path}",
        json=body,
        headers={"Authorization": f"Bearer {stack.keys[REGULATOR]}"},
        timeout=30,
    )

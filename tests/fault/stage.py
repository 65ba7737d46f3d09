"""One whole stack on Apache Kafka that lives through fault after fault, under a known load."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import httpx

from linkage_runtime.books.audit import audit
from linkage_runtime.books.quiet import await_quiet
from linkage_runtime.command.seed import seed
from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.local import RunningStack, StackPlan, local_stack
from linkage_runtime.stack.part import Part
from linkage_runtime.stack.process import Child
from linkage_runtime.stack.services import RunningProcess
from tests.another import another
from tests.fault.book import Book
from tests.fault.count import count
from tests.fault.ground import Ground
from tests.fault.proxy import Toxiproxy
from tests.fault.receiver import Receiver, receiving
from tests.fault.stores import read_stores
from tests.fault.traffic import Traffic
from tests.fault.verdict import Evidence, Verdict
from tests.log import Log
from tests.story.organisations import REGULATOR

SESSION_SECONDS = 6
"""As short as Kafka allows: so long a killed worker's partitions wait for another."""
_PATIENCE_SECONDS = 120.0
_LOOK_SECONDS = 0.02
# A kill that finds nothing in flight is put off; where none ever is, the load was too small.
_IN_FLIGHT_SECONDS = 60.0


@dataclass(slots=True)
class Stage:
    """The stack, the load, and what is known of both."""

    running: RunningStack
    ground: Ground
    receiver: Receiver
    traffic: Traffic
    book: Book
    chance: random.Random
    log: Log = field(default_factory=Log)
    _others: int = 1

    @property
    def broker(self) -> Part:
        """The first, and mostly the only one."""
        return self.ground.brokers[0]

    @property
    def database(self) -> Part:
        """What all services store in."""
        return self.ground.database

    @property
    def proxy(self) -> Toxiproxy:
        """What stands before both.

        Raises:
            AssertionError: nothing does, on this ground.
        """
        assert self.ground.proxy is not None
        return self.ground.proxy

    def process(self, name: str) -> RunningProcess:
        """One process of the services."""
        return self.running.services.running[name]

    @contextmanager
    def another(self, name: str, *argv: str) -> Iterator[RunningProcess]:
        """One more process like this one, or another program in its place; stopped in the end."""
        self._others += 1
        folder = StackFolder(self.running.stack.folder)
        label = f"{name}.{self._others}"
        with another(self.process(name), folder, label, argv) as running:
            yield running

    def hit(self, child: Child, in_flight: Callable[[], int]) -> int:
        """Kill a process in the middle of its work, and say how much was in flight.

        It is frozen first and looked at then: nothing can be settled between the look and the kill.

        Raises:
            AssertionError: it never had anything in hand.
        """
        deadline = time.monotonic() + _IN_FLIGHT_SECONDS
        while time.monotonic() < deadline:
            if in_flight():
                child.signal(signal.SIGSTOP)
                if amount := in_flight():
                    child.kill()
                    return amount
                child.signal(signal.SIGCONT)
            time.sleep(_LOOK_SECONDS)
        raise AssertionError(f"{child.name} never had anything in flight")

    def start(self, name: str) -> None:
        """Start a process again, and wait until it is ready."""
        process = self.process(name)
        process.start()
        process.await_ready()

    def finish(
        self, sent: Sequence[Future[None]], *, patience: float = _PATIENCE_SECONDS
    ) -> Verdict:
        """Wait until everything was answered and counted, and nothing moves any more.

        Raises:
            AssertionError: something is lost, doubled, out of order or dead.
        """
        for future in sent:
            future.result()
        deadline = time.monotonic() + patience
        while True:
            await_quiet(self.ground.address, quiet=1.5, patience=deadline - time.monotonic())
            verdict = self.count()
            # What is lost may still be on its way; what is doubled or disordered stays so.
            if not verdict.wrong or verdict.for_good or time.monotonic() > deadline:
                break
        assert not verdict.wrong, _told(verdict.wrong)
        return verdict

    def count(self) -> Verdict:
        """Count what stands now, and balance the books."""
        self.traffic.check()
        self.log.read_on(self.ground.address)
        stores = read_stores(self.ground.database.address)
        verdict = count(Evidence(self.book, self.log, stores, list(self.receiver.arrived)))
        if not verdict.wrong:
            books = audit(self.ground.address, self.ground.database.address, wait=0)
            verdict.lost += [str(difference) for difference in books.unaccounted]
        return verdict


def _told(wrong: Sequence[str]) -> str:
    return "\n".join([f"{len(wrong)} wrong", *wrong[:30]])


@contextmanager
def stage(
    folder: StackFolder, ground: Ground, *, chance: random.Random, tell: Callable[[str], None]
) -> Iterator[Stage]:
    """Everything started on this ground, and no decision sent yet."""
    with ExitStack() as parts:
        session = {"LINKAGE_KAFKA_SESSION": f"PT{SESSION_SECONDS}S"}
        parts.enter_context(patch.dict(os.environ, session))
        plan = StackPlan(
            folder=folder,
            kafka=ground.kafka,
            mongo=ground.mongo,
            replication=ground.replication,
        )
        running = parts.enter_context(local_stack(plan, seed=seed, tell=tell))
        receiver = parts.enter_context(receiving())
        _subscribe(running, {"channel": "webhook", "endpoint": f"{receiver.url}/hook"})
        book = Book()
        traffic = Traffic(running.stack, book, chance)
        parts.callback(traffic.stop)
        yield Stage(running, ground, receiver, traffic, book, chance)


def _subscribe(running: RunningStack, wanted: dict[str, Any]) -> None:
    answer = httpx.post(
        f"{running.stack.urls['supervision-push']}/v1/subscriptions",
        json=wanted,
        headers={"Authorization": f"Bearer {running.stack.keys[REGULATOR]}"},
        timeout=30,
        trust_env=False,
    )
    answer.raise_for_status()

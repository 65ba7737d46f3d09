"""A whole stack on one machine: broker, database, topics, indexes, services, address book."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from linkage_runtime.settings import KafkaSettings
from linkage_runtime.stack.embedded import embedded_kafka, embedded_mongo
from linkage_runtime.stack.folder import StackFolder, deploy_folder, write_private
from linkage_runtime.stack.numbering import number_anew
from linkage_runtime.stack.provision import DEFAULT_PARTITIONS, provision_topics
from linkage_runtime.stack.services import (
    PROCESSES,
    ServiceProcess,
    Services,
    prepared_services,
)
from linkage_runtime.stack.stores import provision_stores

# On one machine the webhooks of sample organisations listen on loopback.
_LOCAL_NETWORKS = "127.0.0.0/8"

APPROVAL_EVENTS = "approval-events"
"""Whose key approval-events asks credit with, at its door."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackPlan:
    """What to start, and what is there already.

    ``kafka`` and ``mongo`` are addresses of parts that run elsewhere; None starts embedded ones.
    """

    folder: StackFolder
    kafka: str | None = None
    mongo: str | None = None
    partitions: int = DEFAULT_PARTITIONS
    replication: int = 1
    processes: Sequence[ServiceProcess] = PROCESSES


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stack's addresses and keys; `.linkage/stack.json` is this, but for the master key."""

    folder: Path
    kafka: str
    mongo: str
    master_key: str = field(repr=False)
    urls: Mapping[str, str]
    metrics: Mapping[str, str]
    # API keys of the sample organisations in clear: the store has only their hashes.
    keys: Mapping[str, str] = field(repr=False)
    partitions: int
    """Of every topic: a reader of a feed must know the one that it lies in."""

    @property
    def environment(self) -> dict[str, str]:
        """The settings that every process of the stack shares."""
        settings = settings_of(self.kafka, self.mongo, self.master_key)
        return settings | {
            "LINKAGE_ACCESS_LOG": str(self.folder / "access"),
            "LINKAGE_CREDIT_KEY": self.keys.get(APPROVAL_EVENTS, ""),
            "LINKAGE_PARTITIONS": str(self.partitions),
        }

    def with_keys(self, keys: Mapping[str, str]) -> Self:
        """The same stack, with these API keys."""
        return replace(self, keys=keys)

    def write_address_book(self) -> None:
        """Leave `stack.json` for the other commands, readable to its owner only."""
        book = {
            "kafka": self.kafka,
            "mongo": self.mongo,
            "urls": dict(self.urls),
            "metrics": dict(self.metrics),
            "keys": dict(self.keys),
        }
        text = json.dumps(book, ensure_ascii=False, indent=2)
        write_private(StackFolder(self.folder).address_book, text + "\n")


def settings_of(kafka: str, mongo: str, master_key: str) -> dict[str, str]:
    """What the processes of a stack on this machine are told."""
    return {
        "LINKAGE_KAFKA": kafka,
        "LINKAGE_MONGO": mongo,
        "LINKAGE_MASTER_KEY": master_key,
        "LINKAGE_CALENDAR_DIR": str(deploy_folder() / "calendar"),
        "LINKAGE_APPROVAL_RULES": str(deploy_folder() / "rules" / "approvals.yaml"),
        "LINKAGE_SCORECARDS": str(deploy_folder() / "scorecards"),
        "LINKAGE_WEBHOOK_NETWORKS": _LOCAL_NETWORKS,
    }


@dataclass(frozen=True, slots=True)
class RunningStack:
    """A stack that runs, and its processes."""

    stack: Stack
    services: Services


Seed = Callable[[Stack], Mapping[str, str]]


@contextmanager
def local_stack(
    plan: StackPlan, *, seed: Seed, tell: Callable[[str], None]
) -> Iterator[RunningStack]:
    """Run a whole stack while the context lasts, and stop all of it in the end.

    Args:
        plan: what to start.
        seed: called once topics and indexes stand, before any service starts. It is given the
            stack with the API keys of an earlier start, and returns all keys by organisation.
        tell: is told each step as it begins.

    Raises:
        ChildError: a process ended, or was not ready in time.
        NotInstalledError: the embedded parts are wanted, but not installed.
        ProvisionError: the topics stand otherwise.
        StoreError: a service could not make its indexes.
    """
    with ExitStack() as parts:
        tell("starting the broker")
        kafka = plan.kafka or parts.enter_context(embedded_kafka(plan.folder))
        tell("starting the database")
        mongo = plan.mongo or parts.enter_context(embedded_mongo(plan.folder))
        bare = Stack(
            folder=plan.folder.root,
            kafka=kafka,
            mongo=mongo,
            master_key=plan.folder.master_key(),
            urls={},
            metrics={},
            keys=_earlier_keys(plan.folder),
            partitions=plan.partitions,
        )
        _provision(plan, bare, tell)
        tell("loading the catalogue and making keys")
        seeded = bare.with_keys(seed(bare))
        services = parts.enter_context(
            prepared_services(plan.folder, seeded.environment, processes=plan.processes)
        )
        stack = replace(seeded, urls=services.urls, metrics=services.metrics)
        services.start(tell)
        stack.write_address_book()
        yield RunningStack(stack, services)


def _provision(plan: StackPlan, stack: Stack, tell: Callable[[str], None]) -> None:
    if plan.folder.restored.exists():
        tell("numbering the feeds anew after a restore")
        number_anew(stack.mongo)
        plan.folder.restored.unlink()
    tell("creating topics")
    asyncio.run(
        provision_topics(
            stack.kafka,
            partitions=plan.partitions,
            replication=plan.replication,
            security=KafkaSettings().kafka_access,
        )
    )
    tell("creating indexes")
    provision_stores(stack.environment)


def _earlier_keys(folder: StackFolder) -> dict[str, str]:
    """The API keys of an earlier start in the same folder; its store still knows their hashes."""
    if not folder.address_book.exists():
        return {}
    keys: dict[str, str] = json.loads(folder.address_book.read_text(encoding="utf-8"))["keys"]
    return keys

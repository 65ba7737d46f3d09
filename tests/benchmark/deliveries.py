"""Many subscriptions, some of them hanging or failing: what a deliverer costs, and how soon it is.

    python -m tests.benchmark.deliveries --subscriptions 5000 --ailing 10

Everything on loopback and embedded parts: a receiver in this process, one deliverer beside it.
"""

import argparse
import asyncio
import base64
import json
import os
import random
import statistics
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import Any

from linkage_contracts.ids import stable_id
from linkage_runtime.clock import now
from linkage_runtime.master_keys import MasterKeys
from linkage_runtime.mongo import Database, connect, database
from linkage_runtime.stack.embedded import embedded_mongo
from linkage_runtime.stack.folder import StackFolder
from supervision_push.adapters.feeds.mongo_feed import MongoFeedLog
from supervision_push.adapters.feeds.mongo_watermarks import MongoWatermarks
from supervision_push.adapters.subscriptions.sealed_secrets import SealedSecrets
from supervision_push.adapters.subscriptions.subscription_documents import document_of
from supervision_push.application.write_feed import write_feed
from supervision_push.bootstrap_feeds import create_feed_indexes
from supervision_push.domain.cursor import Cursor
from tests.unit.feed_fakes import a_subscription, an_entry

MASTER = b"m" * 32
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
PARTITIONS = 8
TICKS = os.sysconf("SC_CLK_TCK")
OK = b"HTTP/1.1 204 OK\r\n\r\n"
BROKEN = b"HTTP/1.1 500 Broken\r\ncontent-length: 0\r\n\r\n"


@dataclass
class Receivers:
    """Every subscription's receiver, by number: some hang, some fail, the others answer."""

    ailing: int
    seen: dict[str, float] = field(default_factory=dict)
    requests: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode().strip().split("\r\n")
                headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}
                body = await reader.readexactly(int(headers["content-length"]))
                self.requests += 1
                number = int(first.split(" ")[1].removeprefix("/"))
                if number < self.ailing // 2:
                    await asyncio.sleep(60)
                    return
                if number < self.ailing:
                    writer.write(BROKEN)
                    continue
                at = monotonic()
                for event in json.loads(body):
                    self.seen.setdefault(event["id"], at)
                writer.write(OK)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


def organisation(number: int) -> str:
    return f"org{number:06}"


async def subscribe_all(own: Database, port: int, count: int) -> None:
    epoch, secrets = await MongoWatermarks(own).epoch(), SealedSecrets(MasterKeys(MASTER))
    documents: list[dict[str, Any]] = []
    for number in range(count):
        id_ = stable_id("benchmark", str(number))
        one = a_subscription(
            id=id_,
            organisation=organisation(number),
            endpoint=f"http://127.0.0.1:{port}/{number}",
            position=Cursor(epoch=epoch, partition=number % PARTITIONS),
            edited_at=now(),
            sealed_secret=secrets.seal(id_, SECRET),
        )
        documents.append(document_of(one) | {"history": []})
    for start in range(0, count, 1_000):
        await own["subscriptions"].insert_many(documents[start : start + 1_000])


@dataclass
class Writer:
    """Tells organisations at a steady rate."""

    own: Database
    count: int = 0
    offsets: Counter[int] = field(default_factory=Counter)
    """The next of each partition; as on Kafka, without a gap."""
    written: dict[str, tuple[int, float]] = field(default_factory=dict)

    async def tell(self, numbers: list[int]) -> None:
        entries = []
        for number in numbers:
            id_ = stable_id("benchmark-entry", str(self.count))
            partition = number % PARTITIONS
            entry = an_entry(
                self.offsets[partition],
                recipient=organisation(number),
                partition=partition,
                body=json.dumps({"id": id_, "type": "benchmark", "filler": "x" * 1_500}).encode(),
            )
            entries.append(replace(entry, id=id_))
            self.written[id_] = (number, monotonic())
            self.count += 1
            self.offsets[partition] += 1
        await write_feed(entries, feed=MongoFeedLog(self.own))


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mib(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


async def measure(options: argparse.Namespace, mongo: str) -> dict[str, Any]:
    client = connect(mongo)
    own = database(client, "supervision_push")
    await create_feed_indexes(own)
    ailing = options.subscriptions * options.ailing // 100
    receivers = Receivers(ailing=ailing)
    server = await asyncio.start_server(receivers.serve, "127.0.0.1", 0, backlog=1_000)
    await subscribe_all(own, server.sockets[0].getsockname()[1], options.subscriptions)
    environment = {
        **os.environ,
        "LINKAGE_MONGO": mongo,
        "LINKAGE_KAFKA": "127.0.0.1:1",
        "LINKAGE_MASTER_KEY": base64.b64encode(MASTER).decode(),
        "LINKAGE_WEBHOOK_NETWORKS": "127.0.0.0/8",
        "LINKAGE_LOG_LEVEL": "error",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "supervision_push.entrypoints.deliverer"),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        return await observe(options, process.pid, Writer(own), receivers)
    finally:
        process.terminate()
        await process.wait()
        server.close()
        client.close()


async def observe(
    options: argparse.Namespace, pid: int, writer: Writer, receivers: Receivers
) -> dict[str, Any]:
    chance, everybody = random.Random(1), range(options.subscriptions)  # noqa: S311 -- repeatable
    # Something for each of the ailing, so that all of them hang and fail from here on.
    await writer.tell([*range(receivers.ailing)])
    await asyncio.sleep(options.settle)
    began, used = monotonic(), cpu_seconds(pid)
    await asyncio.sleep(options.seconds)
    idle = (cpu_seconds(pid) - used) / (monotonic() - began)
    began, used = monotonic(), cpu_seconds(pid)
    rounds = options.seconds * 10
    for number in range(rounds):
        await writer.tell(chance.choices(everybody, k=options.rate // 10))
        await asyncio.sleep(max(0.0, began + (number + 1) / 10 - monotonic()))
    await asyncio.sleep(2)
    busy = (cpu_seconds(pid) - used) / (monotonic() - began)
    healthy = {i: at for i, (n, at) in writer.written.items() if n >= receivers.ailing}
    waits = sorted(receivers.seen[i] - at for i, at in healthy.items() if i in receivers.seen)
    cuts = statistics.quantiles(waits, n=100)
    return {
        "subscriptions": options.subscriptions,
        "ailing": receivers.ailing,
        "idle_cpu_share": round(idle, 3),
        "busy_cpu_share": round(busy, 3),
        "resident_mib": resident_mib(pid),
        "written_per_second": round(len(healthy) / options.seconds, 1),
        "healthy_missing": len(healthy) - len(waits),
        "p50_ms": round(cuts[49] * 1000, 1),
        "p99_ms": round(cuts[98] * 1000, 1),
        "requests": receivers.requests,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscriptions", type=int, default=5_000)
    parser.add_argument("--ailing", type=int, default=10, help="per cent: half hang, half fail")
    parser.add_argument("--rate", type=int, default=100, help="entries per second")
    parser.add_argument("--seconds", type=int, default=20, help="of idling, and of telling")
    parser.add_argument("--settle", type=int, default=20, help="seconds before measuring")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_mongo(StackFolder(Path(folder))) as mongo,
    ):
        print(json.dumps(asyncio.run(measure(options, mongo)), indent=2))  # noqa: T201 -- its result


if __name__ == "__main__":
    main()

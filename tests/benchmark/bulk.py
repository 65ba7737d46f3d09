"""Very much at once: stored documents by the hundred thousand, and a table to import."""

import csv
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pymongo

from linkage_runtime.clock import day_of, now
from linkage_runtime.command.seed import PLATFORM
from tests.benchmark.load import party_code
from tests.benchmark.measures import Measured
from tests.benchmark.stage import Stage

_AT_ONCE: Final = 1_000
_TOLD_EVERY: Final = 100_000
_RECIPIENTS: Final = 2_000
_PARTIES: Final = 100_000
_IMPORTER: Final = "importer"

_STORED: Final[Mapping[tuple[str, str], str]] = {
    ("approval_events", "decisions"): "decision_id",
    ("supervision_push", "pushes"): "decision_id",
    ("supervision_push", "feed_entries"): "offset",
    ("supervision_push", "deliveries"): "push_ids",
}
"""What the push path stores of each decision, and the field by which it is found."""


def grow(mongo: str, start: int, end: int, tell: Callable[[str], None]) -> None:
    """Store what so many decisions leave behind, each like the last one that really came.

    Of other organisations and parties, so that what is measured afterwards reads none of them.
    """
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(mongo)
    try:
        for (service, name), found_by in _STORED.items():
            collection = client[service][name]
            like = collection.find_one(sort=[("_id", pymongo.DESCENDING)])
            if like is None:
                tell(f"{service}.{name} is empty here, and stays so")
                continue
            for done in _fill(collection, like, found_by, range(start, end)):
                if done % _TOLD_EVERY == 0:
                    tell(f"{done:,} {name} stored")
    finally:
        client.close()


def _fill(
    collection: pymongo.collection.Collection[dict[str, Any]],
    like: dict[str, Any],
    found_by: str,
    numbers: range,
) -> Iterator[int]:
    for first in range(numbers.start, numbers.stop, _AT_ONCE):
        some = range(first, min(first + _AT_ONCE, numbers.stop))
        collection.insert_many([_another(like, found_by, number) for number in some], ordered=False)
        yield some.stop


def _another(like: dict[str, Any], found_by: str, number: int) -> dict[str, Any]:
    other: dict[str, Any] = {"_id": str(uuid4())}
    if "recipient" in like:
        other["recipient"] = f"other-{number % _RECIPIENTS}"
    if "party" in like:
        other["party"] = party_code(1_000 + number % _PARTIES)
    value: Any = str(uuid4())
    other[found_by] = {"offset": number, "push_ids": [value]}.get(found_by, value)
    return like | other


def imported(ready: Stage, rows: int) -> Measured:
    """One table through `linkage import`: until the last row was acknowledged."""
    file = _table(ready.folder.root / "rows.csv", rows)
    before, begun = ready.used(), time.monotonic()
    importer = subprocess.Popen(
        (
            *(str(Path(sys.executable).with_name("linkage")), "import", str(file)),
            *("--url", ready.stack.urls["approval-events"]),
            *("--key", ready.stack.keys[PLATFORM]),
        ),
        stdout=subprocess.DEVNULL,
    )
    ready.folder.pid_file(_IMPORTER).write_text(str(importer.pid), encoding="utf-8")
    peak, used = 0, ready.used(since=before)
    while importer.poll() is None:
        used = ready.used(since=before)
        peak = max(peak, used[_IMPORTER].memory_bytes if _IMPORTER in used else 0)
        time.sleep(0.5)
    seconds = time.monotonic() - begun
    if importer.returncode:
        raise RuntimeError(f"the import ended with {importer.returncode}")
    return Measured(
        name=f"{rows:,} rows imported",
        decisions=rows,
        seconds=seconds,
        per_second=rows / seconds,
        accepted_per_second=rows / seconds,
        latency={},
        cpu_ms={name: use.cpu_seconds * 1_000 / rows for name, use in used.items()},
        memory_mb={name: use.memory_bytes / 2**20 for name, use in used.items()}
        | {_IMPORTER: peak / 2**20},
        written_kb={name: use.written_bytes / 1_000 / rows for name, use in used.items()},
    )


def _table(file: Path, rows: int) -> Path:
    today = day_of(now())
    with file.open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(["XK_WSH", "XK_XDR_MC", "XK_XDR_SHXYM", "XK_JDRQ", "XK_XKJGDM", "XK_NR"])
        for number in range(rows):
            writer.writerow(
                (
                    f"灵审批许〔2026〕导{number}号",
                    f"合成企业{number % _PARTIES}",
                    party_code(number % _PARTIES),
                    f"{today.year}/{today.month}/{today.day}",
                    "11450721XN0721012K",
                    f"热食类食品制售{number}",
                )
            )
    return file

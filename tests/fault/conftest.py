"""One stack for all faults, one after another, and the table of what was counted."""

import json
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from linkage_runtime.stack.folder import StackFolder
from tests.fault.stage import Stage, stage
from tests.fault.verdict import Verdict

Tell = Callable[..., None]
_TOLD = ("decisions on the log", "feed entries, each at its first place", "dead letters")
_TABLE = Path(".linkage") / "fault.json"


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    """Of everything that is left to chance; LINKAGE_FAULT_SEED repeats a run."""
    number = int(os.environ.get("LINKAGE_FAULT_SEED") or random.SystemRandom().randrange(10**6))
    pytestconfig.get_terminal_writer().line(f"seed {number}")
    return number


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[Stage]:
    """Every process, Apache Kafka and the database; it lives through all faults."""
    folder = StackFolder(tmp_path_factory.mktemp("fault"))
    chance = random.Random(seed)  # noqa: S311 -- repeatable, not secret
    with stage(folder, chance=chance, tell=print) as ready:
        ready.finish(ready.traffic.emit(20))
        yield ready


@pytest.fixture(scope="session")
def table(seed: int, pytestconfig: pytest.Config) -> Iterator[dict[str, Any]]:
    """What was counted after each fault; left in .linkage/fault.json."""
    faults: dict[str, Any] = {}
    yield faults
    write = pytestconfig.get_terminal_writer().line
    write()
    for name, row in faults.items():
        measured = {key: value for key, value in row.items() if key != "counts"}
        counts = row["counts"]
        told = {key: counts[key] for key in _TOLD if key in counts}
        write(f"{name}: {measured} {told}")
    _TABLE.parent.mkdir(exist_ok=True)
    text = json.dumps({"seed": seed, "faults": faults}, ensure_ascii=False, indent=2)
    _TABLE.write_text(text + "\n", encoding="utf-8")


@pytest.fixture
def counted(request: pytest.FixtureRequest, table: dict[str, Any]) -> Tell:
    """Enters a fault and its count in the table."""
    begun = time.monotonic()

    def tell(verdict: Verdict, **measured: float) -> None:
        table[request.node.name] = {
            "seconds": round(time.monotonic() - begun, 1),
            **measured,
            "counts": verdict.counts,
        }

    return tell

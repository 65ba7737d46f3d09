"""One stack for all faults, one after another, and the table of what was counted."""

import json
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from linkage_runtime.stack.folder import StackFolder
from tests.fault.ground import Ground, proxied_ground
from tests.fault.stage import Stage, stage
from tests.fault.verdict import Verdict

Tell = Callable[..., None]
SEED = int(os.environ.get("LINKAGE_FAULT_SEED") or random.SystemRandom().randrange(10**6))
"""Of everything that is left to chance; LINKAGE_FAULT_SEED repeats a run."""
_FAULTS: dict[str, dict[str, Any]] = {}
_TABLE = Path(".linkage") / "fault.json"
_SHOWN = ("decisions on the log", "feed entries, each at its first place", "dead letters")


def pytest_report_header() -> str:
    return f"fault seed: {SEED}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name, row in _FAULTS.items():
        shown = row | {key: row["counts"][key] for key in _SHOWN}
        del shown["counts"]
        terminalreporter.line(f"{name}: {shown}")


Lay = Callable[[StackFolder], AbstractContextManager[Ground]]


@contextmanager
def staged(folder: StackFolder, lay: Lay) -> Iterator[Stage]:
    """Every process on this ground, once the first decisions came through."""
    chance = random.Random(SEED)  # noqa: S311 -- repeatable, not secret
    with lay(folder) as ground, stage(folder, ground, chance=chance, tell=print) as ready:
        ready.finish(ready.traffic.emit(20))
        yield ready


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Every process, Apache Kafka and the database; it lives through all faults."""
    with staged(StackFolder(tmp_path_factory.mktemp("fault")), proxied_ground) as ready:
        yield ready


@pytest.fixture
def counted(request: pytest.FixtureRequest) -> Tell:
    """Enters a fault and its count in the table, which is left in .linkage/fault.json."""
    begun = time.monotonic()

    def tell(verdict: Verdict, **measured: float | dict[str, int]) -> None:
        seconds = round(time.monotonic() - begun, 1)
        row = {"seconds": seconds, **measured, "counts": verdict.counts}
        _FAULTS[request.node.name] = row
        text = json.dumps({"seed": SEED, "faults": _FAULTS}, ensure_ascii=False, indent=2)
        _TABLE.parent.mkdir(exist_ok=True)
        _TABLE.write_text(text + "\n", encoding="utf-8")

    return tell

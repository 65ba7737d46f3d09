"""One stack for all faults of a file, and the table of what was counted."""

import json
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from operator import itemgetter
from pathlib import Path

import pytest

from linkage_runtime.clock import now
from linkage_runtime.stack.folder import StackFolder
from tests.fault.ground import Ground, proxied_ground
from tests.fault.stage import Stage, stage
from tests.fault.verdict import Verdict

Tell = Callable[..., None]
# Set, so that every process of one run has the same.
SEED = int(os.environ.setdefault("LINKAGE_FAULT_SEED", str(random.SystemRandom().randrange(10**6))))
"""Of everything that is left to chance; LINKAGE_FAULT_SEED repeats a run."""
_TABLE = Path(".linkage") / "fault.json"
_ROWS = _TABLE.with_name("fault")
"""A file for each fault, whichever process counted it."""
_SHOWN = ("decisions on the log", "feed entries, each at its first place", "dead letters")


def pytest_report_header() -> str:
    return f"fault seed: {SEED}"


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(_ROWS, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = [json.loads(file.read_text(encoding="utf-8")) for file in _ROWS.glob("*.json")]
    faults = {row.pop("fault"): row for row in sorted(rows, key=itemgetter("at"))}
    if faults:
        _write(_TABLE, {"seed": SEED, "faults": faults})
    for name, row in faults.items():
        shown = row | {key: row["counts"][key] for key in _SHOWN}
        del shown["counts"], shown["at"]
        terminalreporter.line(f"{name}: {shown}")


def _write(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, ensure_ascii=False, indent=2)
    file.write_text(text + "\n", encoding="utf-8")


Lay = Callable[[StackFolder], AbstractContextManager[Ground]]


@contextmanager
def staged(folder: StackFolder, lay: Lay) -> Iterator[Stage]:
    """Every process on this ground, once the first decisions came through."""
    chance = random.Random(SEED)  # noqa: S311 -- repeatable, not secret
    with lay(folder) as ground, stage(folder, ground, chance=chance, tell=print) as ready:
        ready.finish(ready.traffic.emit(20))
        yield ready


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Every process, Apache Kafka and the database; it lives through all faults of a file."""
    with staged(StackFolder(tmp_path_factory.mktemp("fault")), proxied_ground) as ready:
        yield ready


@pytest.fixture
def counted(request: pytest.FixtureRequest) -> Tell:
    """Enters a fault and its count in the table, which is left in .linkage/fault.json."""
    begun = time.monotonic()

    def tell(verdict: Verdict, **measured: float | dict[str, int]) -> None:
        seconds = round(time.monotonic() - begun, 1)
        name = request.node.name
        counted = {"seconds": seconds, **measured, "counts": verdict.counts}
        _write(_ROWS / f"{name}.json", {"fault": name, "at": now().isoformat()} | counted)

    return tell

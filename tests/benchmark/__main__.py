"""``make bench``: runs a profile, prints its figures, and leaves them in ``.linkage/bench.*``."""

import json
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from linkage_runtime.command.console import console
from linkage_runtime.stack.folder import StackFolder
from tests.benchmark.profiles import PROFILES, PROGRAMS
from tests.benchmark.report import markdown, show

ROOT = Path(".linkage")
_NAMES = ", ".join((*PROFILES, *PROGRAMS))


def bench(
    profile: Annotated[str, typer.Argument(help=f"One of {_NAMES}.")] = "peer",
    broker: Annotated[str, typer.Option(help="apache or embedded.")] = "apache",
) -> None:
    """Measure one profile on a fresh stack."""
    if profile in PROGRAMS:
        subprocess.run((sys.executable, "-m", PROGRAMS[profile]), check=True)
        return
    folder = StackFolder((ROOT / "bench").resolve())
    shutil.rmtree(folder.root, ignore_errors=True)
    found = PROFILES[profile](folder, broker, console.print)
    book = ROOT / "bench.json"
    told = json.loads(book.read_text(encoding="utf-8")) if book.exists() else {}
    told[f"{profile}/{broker}"] = [asdict(one) for one in found]
    book.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    (ROOT / "bench.md").write_text(markdown(told), encoding="utf-8")
    show(f"{profile} on {broker}", found)


if __name__ == "__main__":
    typer.run(bench)

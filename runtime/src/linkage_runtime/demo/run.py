"""The demo's course: start everything afresh, let everybody work, balance, stop everything."""

import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from linkage_runtime.books.audit import audit
from linkage_runtime.books.quiet import await_quiet
from linkage_runtime.catalogue_store import read_catalogue
from linkage_runtime.clock import day_of, now
from linkage_runtime.command.console import steps
from linkage_runtime.command.import_table import import_file
from linkage_runtime.command.rejects import rejected_rows
from linkage_runtime.command.seed import seed
from linkage_runtime.demo.acts import lose_a_push, show_the_rules
from linkage_runtime.demo.breaches import show_breaches
from linkage_runtime.demo.cast import client_commands
from linkage_runtime.demo.deadlines import show_deadlines
from linkage_runtime.demo.findings import show_findings
from linkage_runtime.demo.report import Ran
from linkage_runtime.demo.tolerances import show_tolerances
from linkage_runtime.stack.folder import StackFolder, deploy_folder
from linkage_runtime.stack.local import Stack, StackPlan, local_stack
from linkage_runtime.stack.process import Child, stop_all

FILES = ("licences.xlsx", "licences-plain.csv", "penalties.csv")
_AGAIN = FILES[1:]
"""Imported a second time: they change nothing."""
_QUIET_SECONDS = 2.0
_PATIENCE_SECONDS = 60.0
"""How long the clients may work after the import before the books are read as they stand."""
_SETTLE_SECONDS = 15.0


def run_demo(root: Path, *, kafka: str | None, rows: int, sabotage: bool) -> Ran:
    """Run it all; nothing that was started is left when this returns."""
    started = time.monotonic()
    folder = StackFolder(root / "demo")
    shutil.rmtree(folder.root, ignore_errors=True)
    with ExitStack() as running:
        with steps() as tell:
            tell("making the sample 合成数据")
            expected = make_sample(folder.root / "sample", rows)
            plan = StackPlan(folder=folder, kafka=kafka)
            stack = running.enter_context(local_stack(plan, seed=seed, tell=tell)).stack
            tell("starting three regulators and two bureaus, programs of their own")
            running.enter_context(clients_at_work(stack, folder))
        begun = time.monotonic()
        imports = import_files(stack, folder.root / "sample", FILES)
        import_seconds = time.monotonic() - begun
        with steps() as tell:
            tell("the clients do their work")
            await_quiet(stack.kafka, quiet=_QUIET_SECONDS, patience=_PATIENCE_SECONDS)
            tell("a barred party, two contents under one number, deadlines, findings, breaches")
            shown = [
                *(*show_the_rules(stack), *show_deadlines(stack)),
                *(*show_findings(stack), *show_breaches(stack), *show_tolerances(stack)),
            ]
        again = import_files(stack, folder.root / "sample", _AGAIN)
        with steps() as tell:
            tell("waiting until nothing moves")
            await_quiet(stack.kafka, quiet=_QUIET_SECONDS, patience=_PATIENCE_SECONDS)
            lost = lose_a_push(stack) if sabotage else None
            tell("balancing the books")
            books = audit(stack.kafka, stack.mongo, wait=0 if sabotage else _SETTLE_SECONDS)
            tell("stopping everything")
            running.close()
    return Ran(
        names=_names(),
        books=books,
        imports=imports,
        again=again,
        rejected_rows={name: rejected_rows(folder.root / "sample" / name) for name in FILES},
        expected=expected,
        shown=shown,
        lost=lost,
        import_seconds=import_seconds,
        seconds=time.monotonic() - started,
    )


def make_sample(target: Path, rows: int) -> dict[str, Any]:
    """Make the sample files; gives what is to be expected of them."""
    program = deploy_folder().parent / "demo" / "generate_sample.py"
    today = day_of(now()).isoformat()
    subprocess.run(  # noqa: S603 -- our own program with our own options
        (
            *(sys.executable, str(program), "--out", str(target)),
            *("--rows", str(rows), "--today", today),
        ),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    expected: dict[str, Any] = json.loads((target / "expected.json").read_text(encoding="utf-8"))
    return expected


@contextmanager
def clients_at_work(stack: Stack, folder: StackFolder) -> Iterator[None]:
    """The organisations' programs run while the context lasts."""
    children = [Child(command) for command in client_commands(stack, folder)]
    try:
        for child in children:
            child.start()
        yield
    finally:
        stop_all(children)


def import_files(stack: Stack, sample: Path, names: tuple[str, ...]) -> dict[str, Counter[str]]:
    """Import some of the sample; gives the answers, counted, by file."""
    return {name: import_file(sample / name, stack.urls, stack.keys) for name in names}


def _names() -> dict[str, str]:
    catalogue = read_catalogue(deploy_folder() / "catalogue")
    return {authority.id: authority.name for authority in catalogue.authorities}

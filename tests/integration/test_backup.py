"""A stack's folder as one file: whole or not at all, and never while anything writes."""

import json
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from linkage_runtime.command.main import app
from linkage_runtime.command.seed import seed
from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.local import StackPlan, local_stack
from tests.story.organisations import BUREAU, REGULATOR, Organisation


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def folder(tmp_path: Path) -> StackFolder:
    """What a stopped stack leaves, as far as a backup looks at it."""
    made = StackFolder(tmp_path / "stack")
    made.master_key()
    (made.data("kafka") / "kafka.json").write_text("{}", encoding="utf-8")
    made.address_book.write_text(json.dumps({"keys": {}}), encoding="utf-8")
    made.log("kafka").parent.mkdir()
    made.log("kafka").write_text("not kept", encoding="utf-8")
    return made


@pytest.fixture
def file(folder: StackFolder, tmp_path: Path) -> Path:
    made = tmp_path / "backup.tar.gz"
    done = run("backup", str(made), "--folder", str(folder.root))
    assert done.exit_code == 0, done.output
    return made


def test_what_was_backed_up_is_restored_byte_for_byte_and_no_log(
    folder: StackFolder, file: Path, tmp_path: Path
) -> None:
    assert file.stat().st_mode & 0o077 == 0
    other = tmp_path / "other"
    assert run("restore", str(file), "--folder", str(other)).exit_code == 0
    restored = {str(p.relative_to(other)): p.read_bytes() for p in other.rglob("*") if p.is_file()}
    assert restored.pop("restored")
    kept = ("master.key", "stack.json", "data/kafka/kafka.json")
    assert restored == {name: (folder.root / name).read_bytes() for name in kept}
    assert (other / "master.key").stat().st_mode & 0o077 == 0


def test_nothing_is_written_over(folder: StackFolder, file: Path) -> None:
    again = run("backup", str(file), "--folder", str(folder.root))
    assert (again.exit_code, "exists already" in again.output) == (1, True)
    over = run("restore", str(file), "--folder", str(folder.root))
    assert (over.exit_code, "is not empty" in over.output) == (1, True)


@pytest.mark.parametrize("harm", ["cut", "changed", "lost"])
def test_a_damaged_backup_is_refused_and_leaves_no_stack(
    file: Path, tmp_path: Path, harm: str
) -> None:
    if harm == "cut":
        file.write_bytes(file.read_bytes()[:-40])
    else:
        with tarfile.open(file) as archive:
            archive.extractall(tmp_path / "open", filter="data")
        victim = tmp_path / "open" / "data" / "kafka" / "kafka.json"
        victim.write_text("[]", encoding="utf-8") if harm == "changed" else victim.unlink()
        with tarfile.open(file, "w:gz") as archive:
            archive.add(tmp_path / "open", arcname=".")
    other = tmp_path / "other"
    done = run("restore", str(file), "--folder", str(other))
    assert done.exit_code == 1, done.output
    assert not other.exists()


def test_a_folder_without_a_stack_is_no_backup(tmp_path: Path) -> None:
    done = run("backup", str(tmp_path / "b.tar.gz"), "--folder", str(tmp_path / "nothing"))
    assert (done.exit_code, "no stack" in done.output) == (1, True)


@contextmanager
def started(folder: StackFolder) -> Iterator[tuple[Organisation, Organisation]]:
    """A whole stack; a bureau and a regulator."""
    with (
        local_stack(StackPlan(folder=folder), seed=seed, tell=print) as running,
        closing(Organisation(running.stack, BUREAU)) as bureau,
        closing(Organisation(running.stack, REGULATOR)) as regulator,
    ):
        yield bureau, regulator


@pytest.mark.story
def test_a_second_site_goes_on_from_the_backup(tmp_path: Path) -> None:
    first, second = StackFolder(tmp_path / "first"), StackFolder(tmp_path / "second")
    file = tmp_path / "backup.tar.gz"
    with started(first) as (bureau, regulator):
        id_ = bureau.decide("备1").json()["decision_id"]
        push = regulator.told("push-opened", decision_id=id_)["push_id"]
        entries = f"/v1/feeds/{REGULATOR}/entries"
        cursor = regulator.get("supervision-push", entries).headers["Linkage-Cursor"]
        busy = run("backup", str(file), "--folder", str(first.root))
        assert (busy.exit_code, "still runs" in busy.output) == (1, True)
    assert run("backup", str(file), "--folder", str(first.root)).exit_code == 0
    assert run("restore", str(file), "--folder", str(second.root)).exit_code == 0
    with started(second) as (bureau, regulator):
        # Its places may have been given to others: whoever read on begins again.
        old = regulator.get("supervision-push", entries, after=cursor)
        assert old.status_code == 410
        regulator.act("pushes:receive", push_ids=[push])
        assert bureau.decide("备1").json()["status"] == "known"
        id_ = bureau.decide("备2").json()["decision_id"]
        regulator.told("push-opened", decision_id=id_)
        balanced = run("reconcile", "--from-beginning", "--folder", str(second.root))
        assert balanced.exit_code == 0, balanced.output
    assert not second.restored.exists()

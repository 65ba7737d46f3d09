import os
import signal
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from linkage_runtime.stack.process import (
    AlreadyRunningError,
    Child,
    Command,
    EndedEarlyError,
    NotReadyError,
    stop_all,
)

SOON = timedelta(seconds=10)
SLEEPS = "import time; print('up', flush=True); time.sleep(60)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPS


class Children:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[Child] = []

    def start(self, program: str, *, name: str = "child", **environment: str) -> Child:
        child = self.prepare(program, name=name, **environment)
        child.start()
        return child

    def prepare(self, program: str, *, name: str = "child", **environment: str) -> Child:
        command = Command(
            name=name,
            argv=(sys.executable, "-c", program),
            log=self._folder / f"{name}.log",
            pid_file=self._folder / "pids" / f"{name}.pid",
            environment=environment,
        )
        child = Child(command)
        self._started.append(child)
        return child

    def stop(self) -> None:
        stop_all(self._started, grace=timedelta(0))


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    started = Children(tmp_path)
    yield started
    started.stop()


def says(child: Child, word: str) -> bool:
    return word in child.last_lines()


def test_a_child_has_its_environment_and_its_log(children: Children) -> None:
    child = children.start("import os; print(os.environ['GREETING'])", GREETING="你好")
    assert child.await_end(within=SOON) == 0
    assert child.last_lines() == ["你好"]


def test_a_child_is_ready_when_it_says_so(children: Children) -> None:
    child = children.start(SLEEPS)
    child.await_ready(lambda: says(child, "up"), within=SOON)
    assert child.exit_code is None


def test_an_early_end_is_told_with_the_last_log_lines(children: Children) -> None:
    child = children.start("raise SystemExit('no such topic')")
    with pytest.raises(EndedEarlyError, match=r"child ended with exit code 1(.|\n)*no such topic"):
        child.await_ready(lambda: False, within=SOON)


def test_a_missed_deadline_is_told_with_the_last_log_lines(children: Children) -> None:
    child = children.start(SLEEPS)
    child.await_ready(lambda: says(child, "up"), within=SOON)
    with pytest.raises(NotReadyError, match=r"not ready after 0\.1 s(.|\n)*\| up"):
        child.await_ready(lambda: False, within=timedelta(seconds=0.1))


def test_a_child_stops_when_asked(children: Children) -> None:
    child = children.start(SLEEPS)
    child.stop()
    assert child.exit_code == -signal.SIGTERM


def test_a_child_that_does_not_listen_is_killed_after_the_grace(children: Children) -> None:
    child = children.start(DEAF)
    child.await_ready(lambda: says(child, "up"), within=SOON)
    child.stop(grace=timedelta(seconds=0.2))
    assert child.exit_code == -signal.SIGKILL


def test_the_grace_is_shared_by_children_that_stop_side_by_side(children: Children) -> None:
    deaf = [children.start(DEAF, name=name) for name in ("one", "two", "three")]
    for child in deaf:
        child.await_ready(partial(says, child, "up"), within=SOON)
    begun = time.monotonic()
    stop_all(deaf, grace=timedelta(seconds=0.5))
    assert time.monotonic() - begun < 3 * 0.5
    assert [child.exit_code for child in deaf] == [-signal.SIGKILL] * 3


def test_what_a_child_started_ends_with_it(children: Children) -> None:
    child = children.start(
        "import subprocess, sys; "
        "grand = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
        "print(grand.pid, flush=True); grand.wait()"
    )
    child.await_ready(lambda: bool(child.last_lines()), within=SOON)
    grandchild = int(child.last_lines()[0])
    child.kill()
    deadline = time.monotonic() + 5
    while runs(grandchild):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def runs(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_an_interrupt_while_stopping_leaves_nothing(
    children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = children.start(DEAF)
    child.await_ready(lambda: says(child, "up"), within=SOON)

    def ctrl_c(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("linkage_runtime.stack.process.time.sleep", ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        child.stop()
    assert child.exit_code == -signal.SIGKILL


def test_a_child_can_be_started_again_and_its_old_log_is_not_read(children: Children) -> None:
    child = children.start("print('first')")
    child.await_end(within=SOON)
    child.command.log.write_text("first\nfirst\n")
    child.start()
    first = child.pid
    assert child.await_end(within=SOON) == 0
    assert child.last_lines() == ["first"]
    assert first == int(child.command.pid_file.read_text())


def test_the_same_name_does_not_start_twice(children: Children) -> None:
    first = children.start(SLEEPS)
    second = children.prepare(SLEEPS)
    with pytest.raises(AlreadyRunningError, match=f"pid {first.pid}"):
        second.start()


def test_a_pid_file_left_by_a_killed_child_stops_nobody(children: Children) -> None:
    first = children.start(SLEEPS)
    first.kill()
    second = children.start(SLEEPS)
    assert first.command.pid_file.read_text() == f"{second.pid}\n"


def test_ctrl_c_in_the_terminal_does_not_reach_children(children: Children) -> None:
    child = children.start(SLEEPS)
    assert child.pid is not None
    assert os.getpgid(child.pid) == child.pid != os.getpgid(0)

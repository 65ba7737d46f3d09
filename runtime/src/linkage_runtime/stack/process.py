"""A supervised child process: started, waited for, watched, and always stopped.

Errors::

    ChildError              its message ends with the last lines of the child's log
    ├── AlreadyRunningError a process of the same name still runs from an earlier start
    ├── EndedEarlyError     it ended before it was ready
    └── NotReadyError       it runs, but was not ready in time
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from linkage_runtime.errors import LinkageError

# Seldom enough to cost nothing beside starting children, often enough not to be felt.
POLL_SECONDS = 0.05
# A faust worker stopped with SIGTERM was measured to need 2 s.
DEFAULT_GRACE = timedelta(seconds=10)
_LOG_LINES = 15


class ChildError(LinkageError):
    """A child process did not do what it was started for."""


class AlreadyRunningError(ChildError):
    """A process of the same name still runs from an earlier start."""


class EndedEarlyError(ChildError):
    """The child ended before it was ready."""


class NotReadyError(ChildError):
    """The child runs, but was not ready in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to start, and where it leaves its traces."""

    name: str
    argv: tuple[str, ...]
    log: Path
    pid_file: Path
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


class Child:
    """One child process in a process group of its own.

    Ctrl-C in a terminal so reaches only us, and we decide the order in which children stop. The
    child holds a lock on its pid file for as long as it lives: a file left behind is never
    mistaken for a living process, nor a living process for a file left behind.
    """

    def __init__(self, command: Command) -> None:
        self.command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def name(self) -> str:
        """What the child is called in messages."""
        return self.command.name

    @property
    def pid(self) -> int | None:
        """The process id of the latest start, or None before the first."""
        return None if self._process is None else self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How the child ended, or None while it runs (negative: by that signal)."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """Start the child; after it ended, start it again.

        Raises:
            AlreadyRunningError: a process of this name runs already.
        """
        command = self.command
        for traces in (command.log, command.pid_file):
            traces.parent.mkdir(parents=True, exist_ok=True)
        with _locked(command) as lock, command.log.open("ab") as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen(
                command.argv,
                env={**os.environ, **command.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(lock,),
            )
            os.ftruncate(lock, 0)
            os.write(lock, f"{self._process.pid}\n".encode())

    def await_ready(self, ready: Callable[[], bool], *, within: timedelta) -> None:
        """Wait until ``ready`` answers yes.

        Raises:
            EndedEarlyError: the child ended instead.
            NotReadyError: the time is over.
        """
        deadline = time.monotonic() + within.total_seconds()
        while not ready():
            if self.exit_code is not None:
                raise EndedEarlyError(self.told(f"ended with exit code {self.exit_code}"))
            if time.monotonic() > deadline:
                raise NotReadyError(self.told(f"was not ready after {within.total_seconds():g} s"))
            time.sleep(POLL_SECONDS)

    def await_end(self, *, within: timedelta) -> int:
        """Wait until the child ends by itself, and return its exit code.

        Raises:
            NotReadyError: the time is over.
        """
        deadline = time.monotonic() + within.total_seconds()
        while (code := self.exit_code) is None:
            if time.monotonic() > deadline:
                raise NotReadyError(self.told(f"still ran after {within.total_seconds():g} s"))
            time.sleep(POLL_SECONDS)
        return code

    def told(self, what: str) -> str:
        """A sentence about this child, with where its log is and how it ends."""
        lines = self.last_lines()
        tail = "\n".join(f"  | {line}" for line in lines) or "  | (nothing was logged)"
        return f"{self.name} {what}; the end of {self.command.log}:\n{tail}"

    def last_lines(self) -> list[str]:
        """The last lines that this start of the child logged."""
        if not self.command.log.exists():
            return []
        with self.command.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace").splitlines()[-_LOG_LINES:]

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the child and to whatever it started, if it still runs."""
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """End the child at once, as a crash would."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def stop(self, *, grace: timedelta = DEFAULT_GRACE) -> None:
        """Ask the child to end, and end it when it does not within ``grace``."""
        stop_all([self], grace=grace)


def stop_all(children: Iterable[Child], *, grace: timedelta = DEFAULT_GRACE) -> None:
    """Stop children side by side; none is left, not even when a second Ctrl-C interrupts."""
    running = list(children)
    for child in running:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + grace.total_seconds()
    try:
        while time.monotonic() < deadline and any(_runs(child) for child in running):
            time.sleep(POLL_SECONDS)
    finally:
        for child in running:
            child.kill()


def is_held(pid_file: Path) -> bool:
    """Whether the process of a pid file lives, whoever started it."""
    lock = os.open(pid_file, os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _runs(child: Child) -> bool:
    return child.pid is not None and child.exit_code is None


@contextlib.contextmanager
def _locked(command: Command) -> Iterator[int]:
    """The pid file's descriptor, locked; a child that inherits it keeps the lock until it ends."""
    lock = os.open(command.pid_file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield lock
    except BlockingIOError as error:
        pid = command.pid_file.read_text().strip() or "unknown"
        raise AlreadyRunningError(
            f"{command.name} still runs from an earlier start (pid {pid}, {command.pid_file}); "
            "stop it first, or use another folder"
        ) from error
    finally:
        os.close(lock)

"""Who asked what of an API, and when: one JSON line for each request, in a stream of its own.

It tells routes, never the path or query that a caller chose: these may name a person.
"""

import os
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final, Protocol

import structlog
from prometheus_client import Counter

from linkage_runtime.clock import SHANGHAI, day_of, now
from linkage_runtime.settings import AccessLogSettings

log = structlog.get_logger()

LOST: Final = Counter(
    "linkage_access_log_lost_total", "Lines of the access log that could not be written."
)
_ENDING: Final = ".jsonl"


class AccessLog(Protocol):
    """Takes one line for each request."""

    def write(self, at: datetime, line: bytes) -> None:
        """Never raises: an answer that was given is given."""


def access_log_of(process: str, settings: AccessLogSettings) -> AccessLog:
    """Files in the folder that is set, else standard output, whose keeping is the platform's.

    Raises:
        OSError: the folder cannot be written to.
    """
    if settings.access_log is None:
        return StreamedLog()
    return FiledLog(process, settings.access_log, timedelta(days=settings.access_log_days))


class StreamedLog:
    """Lines on standard output; what a process says of itself is on standard error."""

    def __init__(self) -> None:
        self._out = sys.stdout.fileno()

    def write(self, at: datetime, line: bytes) -> None:  # noqa: ARG002 -- as the other needs it
        """See ``AccessLog``."""
        _write(self._out, line)


class FiledLog:
    """A file for each day in China, ``{process}.{day}.jsonl``; what is older than is kept goes.

    Lines are appended whole, so replicas may share a folder.
    """

    def __init__(self, process: str, folder: Path, kept: timedelta) -> None:
        self._process = process
        self._folder = folder
        self._kept = kept
        folder.mkdir(parents=True, exist_ok=True)
        self._out, self._until = self._opened(now())

    def write(self, at: datetime, line: bytes) -> None:
        """See ``AccessLog``."""
        if at >= self._until:
            self._turn(at)
        _write(self._out, line)

    def _turn(self, at: datetime) -> None:
        try:
            before = self._out
            self._out, self._until = self._opened(at)
            os.close(before)
        except OSError as error:
            # The file of the day before takes them, until this works.
            log.error("access log not turned over", cause=error.strerror)  # noqa: TRY400 -- no more to tell

    def _opened(self, at: datetime) -> tuple[int, datetime]:
        day = day_of(at)
        for old in self._folder.glob(f"{self._process}.*{_ENDING}"):
            written = _day_of_file(old)
            if written and day - written > self._kept:
                old.unlink(missing_ok=True)
        path = self._folder / f"{self._process}.{day}{_ENDING}"
        out = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        return out, datetime.combine(day + timedelta(days=1), time.min, tzinfo=SHANGHAI)


def _day_of_file(path: Path) -> date | None:
    try:
        return date.fromisoformat(path.name.removesuffix(_ENDING).rpartition(".")[2])
    except ValueError:
        return None


def _write(out: int, line: bytes) -> None:
    try:
        written = os.write(out, line)
    except OSError:
        written = 0
    if written < len(line):
        LOST.inc()

"""Rows to a service in batches, with patience while it is away; a bad row costs no good one."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import stamina
from pydantic_core import to_json

from linkage_runtime.command.connection import answered
from linkage_runtime.command.console import console
from linkage_runtime.command.rejects import RejectedRows
from linkage_runtime.errors import LinkageError
from linkage_runtime.tables import licences, penalties
from linkage_runtime.tables.reader import Row, open_table
from linkage_runtime.tables.source import Reach

_MOST_ROWS, _MOST_BYTES = 1_000, 4 << 20
"""One row more may double the bytes (tables/source.py): still less than an API takes."""
_PATIENCE_SECONDS = 600.0
_LATER = frozenset({429, 502, 503, 504})
GOOD = frozenset({"accepted", "known"})


@dataclass(frozen=True, slots=True)
class Target:
    """Where the rows of one kind of table go, and how they are told there."""

    module: ModuleType
    service: str
    path: str


_TARGETS = {
    "licences": Target(licences, "approval-events", "/v1/decisions:batch"),
    "penalties": Target(penalties, "supervision-push", "/v1/results:batch"),
}


@dataclass(slots=True)
class Course:
    """How far an import has come; right at any moment, also when it is broken off."""

    counts: Counter[str] = field(default_factory=Counter)
    last_row: int = 0
    """Its number in the file; all rows up to it have their answer."""
    rejected: Path | None = None
    unread: Sequence[str] = ()
    """Other sheets of the workbook."""

    @property
    def rows(self) -> int:
        """Rows that have their answer."""
        return self.counts.total()


class NotAnsweringError(LinkageError):
    """The service was away for longer than anyone should wait."""


class _LaterError(LinkageError):
    """The service says: the same again later."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"HTTP {response.status_code}")
        seconds = response.headers.get("Retry-After", "")
        self.seconds = float(seconds) if seconds.isdecimal() else None


def send_table(
    file: Path, client_for: Callable[[str], httpx.Client], course: Course, reach: Reach
) -> None:
    """Send all rows; what has become of them stands in ``course``, and in the file of rejects.

    Raises:
        UnreadableTableError: the file is no such table, or damaged further down.
        RefusedError: the service refuses a whole batch; as it would for a key without the right.
        NotAnsweringError: it is away for good.
    """
    with open_table(file, reach) as table:
        course.unread = table.unread
        target = _TARGETS[table.kind]
        with client_for(target.service) as api, RejectedRows(file, table) as rejects:
            for batch in _batches(table.rows, target.module):
                answers = iter(_send(api, target.path, [body for _, body in batch if body]))
                for row, body in batch:
                    answer = next(answers) if body else _unusable(row)
                    course.counts[answer["status"]] += 1
                    if answer["status"] not in GOOD:
                        rejects.add(row, answer, target.module.COLUMN_OF)
                        course.rejected = rejects.path
                course.last_row = batch[-1][0].number


def _batches(rows: Iterator[Row], module: ModuleType) -> Iterator[list[tuple[Row, bytes]]]:
    """Rows with what is to be sent of them: nothing, of one that cannot be used."""
    batch: list[tuple[Row, bytes]] = []
    size = 0
    for row in rows:
        body = b"" if row.faults else to_json(module.submission_of(row.cells))
        batch.append((row, body))
        size += len(body)
        if len(batch) == _MOST_ROWS or size >= _MOST_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _unusable(row: Row) -> dict[str, Any]:
    return {"status": "rejected", "errors": [fault.as_dict() for fault in row.faults]}


def _send(api: httpx.Client, path: str, bodies: Sequence[bytes]) -> list[dict[str, Any]]:
    if not bodies:
        return []
    content, headers = b"\n".join(bodies), {"Content-Type": "application/x-ndjson"}
    try:
        for attempt in stamina.retry_context(_again, attempts=None, timeout=_PATIENCE_SECONDS):
            if attempt.num == 2:  # noqa: PLR2004 -- once for each time of waiting
                console.print("服务暂时不可用,正在等待并重发 (the service is away: waiting)")
            with attempt:
                response = _now(api.post(path, content=content, headers=headers))
                results: list[dict[str, Any]] = answered(response).json()["results"]
                return results
    except (_LaterError, httpx.TransportError) as error:
        raise NotAnsweringError(
            f"{api.base_url}{path}: {_PATIENCE_SECONDS:.0f} 秒内无应答 (no answer: {error})"
        ) from error
    raise AssertionError("stamina returns or raises")


def _now(response: httpx.Response) -> httpx.Response:
    if response.status_code in _LATER:
        raise _LaterError(response)
    return response


def _again(error: Exception) -> bool | float:
    """Whether to repeat: after as many seconds as the service says, or else in growing pauses."""
    if isinstance(error, _LaterError):
        return True if error.seconds is None else error.seconds
    return isinstance(error, httpx.TransportError)

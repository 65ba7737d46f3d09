"""`linkage import`: a 双公示 table into the system; a bad row costs no good one."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import httpx
import stamina
import typer
from pydantic_core import to_json
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table as Columns

from linkage_runtime.command.connection import RefusedError, answered, client, client_of
from linkage_runtime.command.console import complain, console
from linkage_runtime.command.options import DEFAULT_FOLDER, Folder, Key, Url
from linkage_runtime.command.rejects import RejectedRows
from linkage_runtime.command.seed import PLATFORM
from linkage_runtime.errors import LinkageError
from linkage_runtime.tables import licences, penalties
from linkage_runtime.tables.reader import Row, Table, open_table

_BATCH = 1_000
_PATIENCE_SECONDS = 600.0
"""How long an import waits for a broker that is away; it can simply be run again."""
_BUSY = 503
_TARGETS: dict[str, tuple[ModuleType, str, str]] = {
    "licences": (licences, "approval-events", "/v1/decisions:batch"),
    "penalties": (penalties, "supervision-push", "/v1/results:batch"),
}


class _NotNowError(LinkageError):
    """The service answered 503: the same again later."""


def import_table(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="XLSX or CSV.")],
    *,
    url: Url = None,
    key: Key = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Import a 行政许可 or 行政处罚 table; rejected rows are left beside it, with reasons."""
    try:
        table = open_table(file)
        module, service, path = _TARGETS[table.kind]
        with client_of(service, PLATFORM, url=url, key=key, folder=folder) as api:
            tally, rejected = send_rows(api, path, table, module, file)
    except LinkageError as error:
        complain(error)
        raise typer.Exit(1) from error
    _report(file, tally, rejected)


def import_file(file: Path, urls: Mapping[str, str], keys: Mapping[str, str]) -> Counter[str]:
    """Import one file in the platform's name; returns counts by status."""
    table = open_table(file)
    module, service, path = _TARGETS[table.kind]
    with client(urls[service], keys[PLATFORM]) as api:
        return send_rows(api, path, table, module, file)[0]


def send_rows(
    api: httpx.Client, path: str, table: Table, module: ModuleType, file: Path
) -> tuple[Counter[str], Path | None]:
    """Send all rows in batches; returns counts by status, and the file of rejected rows if any."""
    tally: Counter[str] = Counter()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress, RejectedRows(file, table) as rejects:
        task = progress.add_task(f"{file.name}: 0")
        for rows in _batches(table.rows):
            for row, result in zip(rows, _send(api, path, module, rows), strict=True):
                tally[result["status"]] += 1
                if result["status"] not in {"accepted", "known"}:
                    rejects.add(row, result, module.COLUMN_OF)
            progress.update(task, description=f"{file.name}: {sum(tally.values())}")
    return tally, rejects.path if rejects.count else None


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _send(
    api: httpx.Client, path: str, module: ModuleType, rows: list[Row]
) -> list[dict[str, Any]]:
    body = b"\n".join(to_json(module.submission_of(row.cells)) for row in rows)
    for attempt in stamina.retry_context(
        on=(_NotNowError, httpx.TransportError), attempts=None, timeout=_PATIENCE_SECONDS
    ):
        with attempt:
            response = api.post(
                path, content=body, headers={"Content-Type": "application/x-ndjson"}
            )
            if response.status_code == _BUSY:
                raise _NotNowError("系统暂时不可用 (the service is away)")
            results: list[dict[str, Any]] = answered(response).json()["results"]
            return results
    raise RefusedError(f"{path}: 服务长时间无响应 (no answer)")


def _report(file: Path, tally: Counter[str], rejected: Path | None) -> None:
    bad = sum(count for status, count in tally.items() if status not in {"accepted", "known"})
    columns = Columns("已接收 accepted", "已有 already known", "未通过 rejected", title=file.name)
    columns.add_row(str(tally["accepted"]), str(tally["known"]), str(bad))
    console.print(columns)
    if rejected:
        console.print(
            f"未通过的行及原因见 {rejected},改正后可再次导入 "
            "(rejected rows and reasons; correct them and import that file)",
            soft_wrap=True,
        )

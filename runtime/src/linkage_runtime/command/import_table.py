"""`linkage import`: a 双公示 table into the system."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table as Columns

from linkage_runtime.command.connection import client, client_for
from linkage_runtime.command.console import complain, console
from linkage_runtime.command.options import DEFAULT_FOLDER, Folder, Key, Url
from linkage_runtime.command.seed import PLATFORM
from linkage_runtime.command.sending import GOOD, Course, send_table
from linkage_runtime.errors import LinkageError
from linkage_runtime.tables.source import Reach

_INTERRUPTED = 130


def import_table(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="XLSX or CSV.")],
    *,
    url: Url = None,
    key: Key = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Import a 行政许可 or 行政处罚 table; rejected rows are left beside it, with reasons."""
    course = Course()
    of_service = partial(client_for, holder=PLATFORM, url=url, key=key, folder=folder)
    code = 0
    try:
        with _shown(file, course) as reach:
            send_table(file, of_service, course, reach)
    except KeyboardInterrupt:
        code = _INTERRUPTED
    except LinkageError as error:
        complain(error)
        code = 1
    if course.rows or not code:
        _report(file, course)
    if code:
        console.print(
            f"未导完,停在第 {course.last_row} 行;再运行同一命令即可,已报送的行不会重复 "
            f"(stopped after row {course.last_row}: run the same again, no row counts twice)",
            soft_wrap=True,
        )
        raise typer.Exit(code)


def import_file(file: Path, urls: Mapping[str, str], keys: Mapping[str, str]) -> Counter[str]:
    """Import one file in the platform's name; returns counts by status."""
    course = Course()
    with _shown(file, course) as reach:
        send_table(file, lambda service: client(urls[service], keys[PLATFORM]), course, reach)
    return course.counts


@contextmanager
def _shown(file: Path, course: Course) -> Iterator[Reach]:
    """Show how much of the file is read, how many rows are answered, and the time left."""
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]} 行 rows"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    ) as progress:
        task = progress.add_task(file.name, total=None, rows=0)
        yield Reach(
            lambda done, total: progress.update(task, completed=done, total=total, rows=course.rows)
        )
        progress.update(task, rows=course.rows)


def _report(file: Path, course: Course) -> None:
    good = {status: course.counts[status] for status in GOOD}
    bad = course.rows - sum(good.values())
    columns = Columns("已接收 accepted", "已有 already known", "未通过 rejected", title=file.name)
    columns.add_row(str(good["accepted"]), str(good["known"]), str(bad))
    console.print(columns)
    if course.rejected:
        console.print(
            f"未通过的行及原因见 {course.rejected},改正后可再次导入 "
            "(rejected rows and reasons; correct them and import that file)",
            soft_wrap=True,
            markup=False,
        )
    if course.unread:
        console.print(
            f"工作簿中还有未读取的工作表: {'、'.join(course.unread)} (other sheets were not read)",
            soft_wrap=True,
            markup=False,
        )

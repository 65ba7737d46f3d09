"""`linkage positions` and `linkage take-over`: before each backup of MongoDB, and on the day."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import pymongo
import typer

from linkage_runtime.backup.positions import Taken, note_positions, read_positions, set_positions
from linkage_runtime.books.mongo_book import DATABASE as BOOKS
from linkage_runtime.clock import SHANGHAI
from linkage_runtime.command.connection import Place
from linkage_runtime.command.console import complain, console
from linkage_runtime.command.options import DEFAULT_FOLDER, Folder, Kafka, Mongo
from linkage_runtime.errors import LinkageError
from linkage_runtime.stack.numbering import number_anew

_SENT_AGAIN = timedelta(minutes=1)
"""From before the last record: a record is dated by its producer's clock."""


def positions(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Is written.")],
    *,
    kafka: Annotated[str, typer.Option(envvar="LINKAGE_KAFKA", help="Bootstrap servers.")],
) -> None:
    """Note how far every group has read, before each backup of MongoDB; keep both together."""
    try:
        noted = asyncio.run(note_positions(kafka))
    except LinkageError as error:
        complain(error)
        raise typer.Exit(1) from error
    noted.write(file)
    count = sum(map(len, noted.groups.values()))
    console.print(f"已记录 {count} 个位置 (positions noted) → {file}", soft_wrap=True, markup=False)


def take_over(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The positions.")],
    *,
    kafka: Kafka = None,
    mongo: Mongo = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Make a second site ready: its log is a mirror, its MongoDB was restored, nothing runs yet.

    Lets every group go on from where it was before that backup, numbers the feeds anew, and lets
    the books begin anew. Done twice, the second time changes nothing more.
    """
    try:
        place = Place(kafka, mongo, folder).found()
        noted = read_positions(file)
        taken = asyncio.run(set_positions(place[0], noted))
        number_anew(place[1])
        with pymongo.MongoClient[dict[str, object]](place[1]) as client:
            client.drop_database(BOOKS)
    except LinkageError as error:
        complain(error)
        raise typer.Exit(1) from error
    for told in _said(taken):
        console.print(f"• {told}", soft_wrap=True, markup=False)
    console.print(
        "此后请运行 (now run): linkage provision; 启动各进程 (start the processes); "
        "linkage reconcile --from-beginning",
        soft_wrap=True,
        markup=False,
    )


def _said(taken: Taken) -> Iterator[str]:
    for name, missing in taken.short.items():
        yield (
            f"{name}: 镜像比备份少 {missing} 条 "
            f"(the mirror ends {missing} records before the backup)"
        )
    if taken.ends_at is not None:
        since = (taken.ends_at - _SENT_AGAIN).astimezone(SHANGHAI)
        yield (
            f"{since:%Y-%m-%d %H:%M:%S} 之后的请各方重新报送 "
            "(what was sent since then must be sent again)"
        )
    yield "信息流将重新编号,各方从头读取 (feeds are numbered anew: all read from the start)"

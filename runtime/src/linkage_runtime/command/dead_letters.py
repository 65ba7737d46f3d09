"""`linkage dead-letters`: look at what no reader could settle, and do something about it."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from linkage_runtime.clock import now
from linkage_runtime.command.connection import Place
from linkage_runtime.command.console import console
from linkage_runtime.command.letter_desk import Desk, act_on, at_desk, when
from linkage_runtime.command.options import DEFAULT_FOLDER, By, Folder, Kafka, Mongo, Why, Yes
from linkage_runtime.errors import LinkageError
from linkage_runtime.letters.act_on_letters import Reason, plan
from linkage_runtime.letters.letter import Letter, UnknownFilterError, Which, which
from linkage_runtime.letters.mongo_acts import Done

app = typer.Typer(help="死信 Dead letters: 列出、查看、更正、重放、作废.", no_args_is_help=True)

Where = Annotated[
    list[str] | None,
    typer.Option(
        help="topic=, reader=, outcome=, about= (a party's code or any id in the record), "
        "since= (2026-11-25 or 2026-11-25T08:00, Beijing time); repeat for more."
    ),
]
Letters = Annotated[
    list[str] | None, typer.Argument(help="Letters as listed; none: all that the filter matches.")
]
One = Annotated[str, typer.Argument(help="The letter, as listed.")]


@app.command("list")
def list_letters(
    *,
    where: Where = None,
    kafka: Kafka = None,
    mongo: Mongo = None,
    everything: Annotated[bool, typer.Option("--all", help="Those acted on too.")] = False,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """List those that wait for somebody to act."""
    meant = _which(None, where)

    async def look(desk: Desk) -> None:
        found = desk.letters if everything else desk.waiting
        table = Table(
            "死信 letter", "时间 when", "处理方 reader", "结果 outcome", "原因 reason", ""
        )
        for one in found:
            told = (one.reader, one.outcome, one.reason, desk.state(one))
            table.add_row(one.id, when(one.at), *told)
        if found:
            console.print(table)
        console.print(f"{len(found)} 封 (letters)")

    at_desk(Place(kafka, mongo, folder), meant, look)


@app.command()
def show(
    letter: One, *, kafka: Kafka = None, mongo: Mongo = None, folder: Folder = DEFAULT_FOLDER
) -> None:
    """Show one: why it is dead, what was done about it, and its bytes."""

    async def look(desk: Desk) -> None:
        one = desk.only(letter)
        for name, value in (
            ("主题 topic", f"{one.topic.name} ({one.source})"),
            ("处理方 reader", one.reader),
            ("结果 outcome", f"{one.outcome}: {one.reason}"),
            ("时间 when", when(one.at)),
            ("键 key", (one.key or b"").decode(errors="backslashreplace")),
            ("处置 act", desk.state(one)),
        ):
            console.print(f"{name}: {value}", markup=False, soft_wrap=True)
        console.print(one.body.decode(errors="backslashreplace"), markup=False, soft_wrap=True)

    at_desk(Place(kafka, mongo, folder), Which(ids=frozenset([letter])), look)


@app.command()
def replay(
    letters: Letters = None,
    *,
    by: By,
    why: Why,
    yes: Yes = False,
    where: Where = None,
    kafka: Kafka = None,
    mongo: Mongo = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Put them on their topics again, with their own ids: when code or surroundings were mended."""
    meant = _which(letters, where)
    reason = Reason(by=by, why=why, at=now())
    act_on(Done.REPLAYED, Place(kafka, mongo, folder), meant, reason, yes=yes)


@app.command()
def discard(
    letters: Letters = None,
    *,
    by: By,
    why: Why,
    yes: Yes = False,
    where: Where = None,
    kafka: Kafka = None,
    mongo: Mongo = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Enter that nothing is to come of them; their bytes stay where they are."""
    meant = _which(letters, where)
    reason = Reason(by=by, why=why, at=now())
    act_on(Done.DISCARDED, Place(kafka, mongo, folder), meant, reason, yes=yes)


@app.command()
def edit(
    letter: One,
    *,
    by: By,
    why: Why,
    body: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The whole event, mended.")
    ] = None,
    yes: Yes = False,
    kafka: Kafka = None,
    mongo: Mongo = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Mend one in $EDITOR, or give it mended; checked against its schema, then replayed."""
    reason = Reason(by=by, why=why, at=now())

    async def mend(desk: Desk) -> None:
        one = desk.only(letter)
        mended = body.read_bytes() if body else _edited(one)
        await desk.do(plan(Done.REPLAYED, [one], desk.acts, body=mended), reason, yes=yes)

    at_desk(Place(kafka, mongo, folder), Which(ids=frozenset([letter])), mend)


def _edited(letter: Letter) -> bytes:
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "event.json")
        path.write_bytes(letter.body)
        if subprocess.run([*editor, path], check=False).returncode:  # noqa: S603 -- their editor
            raise LinkageError(f"{editor[0]} 未正常结束 (ended with an error)")
        mended = path.read_bytes().strip()
    if mended == letter.body.strip():
        raise LinkageError("未作更改 (nothing was changed)")
    return mended


def _which(letters: list[str] | None, where: list[str] | None) -> Which:
    try:
        return which(letters or (), where or ())
    except UnknownFilterError as error:
        raise typer.BadParameter(str(error), param_hint="--where") from error

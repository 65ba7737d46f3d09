"""`linkage scorecard`: look at a scorecard of credit before it can do harm."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from linkage_runtime.command.connection import address_book
from linkage_runtime.command.console import complain
from linkage_runtime.command.options import DEFAULT_FOLDER, Folder
from linkage_runtime.errors import LinkageError
from linkage_runtime.stack.folder import deploy_folder

app = typer.Typer(help="信用评分表 Scorecards of credit.", no_args_is_help=True)

_MODULE = "credit.entrypoints.scorecards"
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)],
) -> None:
    """Explain every mistake by line and column, and warn of what divides parties badly."""
    _run("check", *map(str, files))


@app.command(name="try")
def try_(
    file: File,
    *,
    on: Annotated[
        str | None, typer.Option(help="As of this day, YYYY-MM-DD; today if left out.")
    ] = None,
    mongo: Annotated[
        str | None,
        typer.Option(envvar="LINKAGE_MONGO", help="MongoDB URI; stack.json's if left out."),
    ] = None,
    scorecards: Annotated[
        Path | None,
        typer.Option(envvar="LINKAGE_SCORECARDS", help="The folder of those in force."),
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """What would change: classes now against then, and the hundred parties that move most."""
    try:
        uri = mongo or address_book(folder).mongo
        day = ("--on", date.fromisoformat(on).isoformat()) if on else ()
    except (LinkageError, ValueError) as error:
        complain(LinkageError(str(error)))
        raise typer.Exit(1) from error
    in_force = scorecards or deploy_folder() / "scorecards"
    _run("try", str(file), "--scorecards", str(in_force), *day, mongo=uri)


def _run(*arguments: str, mongo: str | None = None) -> None:
    """Let the service do it: the runtime imports no service."""
    environment = {**os.environ, "LINKAGE_MONGO": mongo} if mongo else None
    run = subprocess.run(  # noqa: S603 -- our own program with our own options
        (sys.executable, "-m", _MODULE, *arguments), env=environment, check=False
    )
    raise typer.Exit(run.returncode)

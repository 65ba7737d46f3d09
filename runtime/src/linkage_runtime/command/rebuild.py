"""`linkage rebuild`: a service's read models again from the log, beside the running ones."""

import os
import subprocess
import sys
from enum import StrEnum
from typing import Annotated

import typer

from linkage_runtime.command.connection import environment_of
from linkage_runtime.command.console import complain
from linkage_runtime.command.options import DEFAULT_FOLDER, Folder, Yes
from linkage_runtime.errors import LinkageError


class Rebuilt(StrEnum):
    """Services with read models."""

    APPROVAL_EVENTS = "approval-events"
    SUPERVISION_PUSH = "supervision-push"
    CREDIT = "credit"


def rebuild(
    service: Annotated[Rebuilt, typer.Argument()],
    *,
    by: Annotated[str, typer.Option(help="Who acts: an account or staff number.")] = "",
    why: Annotated[str, typer.Option(help="The reason, for the record.")] = "",
    yes: Yes = False,
    despite_differences: Annotated[
        bool, typer.Option(help="Switch also where old and fresh differ: the log is right.")
    ] = False,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Make a service's read models again from the log, and compare; with --yes, switch over.

    The old ones serve meanwhile, and what lives only in the database is kept. Exits 1 if old and
    fresh differ and nothing was switched.
    """
    if yes and not (by and why):
        raise typer.BadParameter("切换须注明 --by 和 --why (say who and why)")
    options = [
        *(("--by", by) if by else ()),
        *(("--why", why) if why else ()),
        *(("--switch",) if yes else ()),
        *(("--despite-differences",) if despite_differences else ()),
    ]
    module = f"{service.replace('-', '_')}.entrypoints.rebuild"
    try:
        environment = environment_of(folder)
    except LinkageError as error:
        complain(error)
        raise typer.Exit(1) from error
    done = subprocess.run(  # noqa: S603 -- our own module with our own options
        (sys.executable, "-m", module, *options), env={**environment, **os.environ}, check=False
    )
    raise typer.Exit(done.returncode)

"""`linkage master-key`: what changing the master key needs; deploy/ROTATION.md has the steps."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import typer

from linkage_runtime.command.connection import environment_of
from linkage_runtime.command.console import complain, console
from linkage_runtime.command.options import DEFAULT_FOLDER, Folder
from linkage_runtime.errors import LinkageError
from linkage_runtime.master_keys import MasterKeys
from linkage_runtime.settings import key_bytes

app = typer.Typer(help="主密钥 Changing the master key.", no_args_is_help=True)


@app.command()
def naming(folder: Folder = DEFAULT_FOLDER) -> None:
    """Print what names natural persons now (LINKAGE_NAMING_KEY): set it before the key changes."""
    environment = _environment(folder)
    named_by = environment.get("LINKAGE_NAMING_KEY")
    master = MasterKeys(
        key_bytes(environment["LINKAGE_MASTER_KEY"]),
        named_by=key_bytes(named_by) if named_by else None,
    )
    console.print(base64.b64encode(master.naming).decode(), soft_wrap=True)


@app.command()
def reseal(folder: Folder = DEFAULT_FOLDER) -> None:
    """Seal under the current master key what was sealed under one beside it; done twice, nothing.

    Once all processes run with the new key. Afterwards the old one is needed for backups alone.
    """
    program = (sys.executable, "-m", "supervision_push.entrypoints.reseal")
    done = subprocess.run(program, env=_environment(folder), check=False)  # noqa: S603 -- our own
    raise typer.Exit(done.returncode)


def _environment(folder: Path) -> dict[str, str]:
    try:
        return {**environment_of(folder), **os.environ}
    except LinkageError as error:
        complain(error)
        raise typer.Exit(1) from error

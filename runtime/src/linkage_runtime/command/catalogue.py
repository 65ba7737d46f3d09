"""`linkage catalogue load`: put a catalogue of items in force, or explain what is wrong with it."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from linkage_runtime.catalogue_store import read_catalogue
from linkage_runtime.command.connection import answered, client_of
from linkage_runtime.command.console import complain, console
from linkage_runtime.command.options import DEFAULT_FOLDER, Folder, Key, Url
from linkage_runtime.command.seed import ADMIN
from linkage_runtime.errors import LinkageError

app = typer.Typer(help="事项目录 The catalogue of items.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep ``load`` a subcommand while it is the only one."""


@app.command()
def load(
    directory: Annotated[Path, typer.Argument(exists=True, file_okay=False)],
    *,
    url: Url = None,
    key: Key = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Replace the catalogue in force by the YAML files of a directory."""
    try:
        catalogue = read_catalogue(directory)
        with client_of("approval-events", ADMIN, url=url, key=key, folder=folder) as api:
            answered(
                api.put(
                    "/v1/catalogue",
                    content=catalogue.model_dump_json(),
                    headers={"Content-Type": "application/json"},
                )
            )
    except ValidationError as error:
        for mistake in error.errors(include_url=False, include_input=False):
            where = ".".join(str(step) for step in mistake["loc"]) or str(directory)
            console.print(f"✗ {where}: {mistake['msg']}", style="red", markup=False)
        raise typer.Exit(1) from error
    except LinkageError as error:
        complain(error)
        raise typer.Exit(1) from error
    console.print(
        f"事项目录 {catalogue.version} 已生效:{len(catalogue.items)} 个事项,"
        f"{len(catalogue.authorities)} 个单位 (in force)"
    )

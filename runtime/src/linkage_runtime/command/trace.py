"""`linkage trace`: the whole story of one decision, with who, when and how long."""

from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.table import Table

from linkage_runtime.clock import SHANGHAI
from linkage_runtime.command.connection import answered, client_of
from linkage_runtime.command.console import complain, console
from linkage_runtime.command.options import DEFAULT_FOLDER, Folder, Key, Url
from linkage_runtime.command.seed import ADMIN
from linkage_runtime.errors import LinkageError


def trace(
    decision: Annotated[str, typer.Argument(help="The decision id.")],
    *,
    url: Url = None,
    key: Key = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Show one linkage: what was decided, who was told, what they did, what came back."""
    try:
        with client_of("approval-events", ADMIN, url=url, key=key, folder=folder) as api:
            story = answered(api.get(f"/v1/linkages/{decision}")).json()
    except LinkageError as error:
        complain(error)
        raise typer.Exit(1) from error
    _show(story)


def _show(linkage: dict[str, Any]) -> None:
    state = {"open": "办理中 open", "closed": "双回路已闭合 closed"}[linkage["state"]]
    console.print(f"{linkage['document_number']}  {state}", style="bold", markup=False)
    table = Table("时间 when", "+", "事项 what", "单位 who", "说明 detail", box=None)
    for step in linkage["story"]:
        at = datetime.fromisoformat(step["at"]).astimezone(SHANGHAI)
        after = timedelta(seconds=round(step["after_seconds"]))
        when = f"{at:%m-%d %H:%M:%S}"
        table.add_row(when, str(after), step["title"], step["who"], step["detail"])
    console.print(table)

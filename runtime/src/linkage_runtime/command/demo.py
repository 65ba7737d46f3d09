"""`linkage demo`: both loops with sample data and stand-alone client programs, then the balance."""

import json
from typing import Annotated

import typer

from linkage_runtime.command.console import complain, console, ends_like_ctrl_c
from linkage_runtime.command.options import DEFAULT_FOLDER, Folder
from linkage_runtime.demo.report import report
from linkage_runtime.demo.run import run_demo
from linkage_runtime.errors import LinkageError


def demo(
    *,
    kafka: Annotated[
        str | None,
        typer.Option(envvar="LINKAGE_KAFKA", help="Bootstrap servers; else the embedded broker."),
    ] = None,
    rows: Annotated[int, typer.Option(min=200, help="Rows of the sample.")] = 2_000,
    sabotage: Annotated[
        bool, typer.Option(help="Delete one push by hand; the books must name it.")
    ] = False,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Carry sample data around both loops, print what happened, and balance the books."""
    root = folder.resolve()
    try:
        with ends_like_ctrl_c():
            ran = run_demo(root, kafka=kafka, rows=rows, sabotage=sabotage)
    except KeyboardInterrupt:
        console.print("everything is stopped")
        raise typer.Exit(130) from None
    except LinkageError as error:
        complain(error)
        raise typer.Exit(1) from error
    summary = report(ran)
    text = json.dumps(summary, ensure_ascii=False, indent=2)
    (root / "demo.json").write_text(text + "\n", encoding="utf-8")
    console.print(f"\n同样内容见 {root / 'demo.json'} (the same as JSON)", soft_wrap=True)
    console.print("要让它一直运行: [bold]linkage up[/] (to keep it running)")
    if ran.books.unaccounted or summary["event_types_missing"]:
        raise typer.Exit(1)

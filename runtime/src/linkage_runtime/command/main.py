"""The `linkage` command: every subcommand is a function in a file of its own, named here once."""

from importlib.metadata import version
from typing import Annotated

import typer

from linkage_runtime.command import (
    backup,
    catalogue,
    dead_letters,
    demo,
    doctor,
    import_table,
    keys,
    master_key,
    provision,
    rebuild,
    reconcile,
    replay_feed,
    scorecard,
    second_site,
    trace,
    up,
)

app = typer.Typer(
    name="linkage",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
app.command(name="up")(up.up)
app.command(name="demo")(demo.demo)
app.command(name="import")(import_table.import_table)
app.command(name="trace")(trace.trace)
app.command(name="reconcile")(reconcile.reconcile)
app.command(name="rebuild")(rebuild.rebuild)
app.command(name="backup")(backup.backup)
app.command(name="restore")(backup.restore)
app.command(name="positions")(second_site.positions)
app.command(name="take-over")(second_site.take_over)
app.command(name="replay-feed")(replay_feed.replay_feed)
app.command(name="provision")(provision.provision)
app.command(name="doctor")(doctor.doctor)
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(keys.app, name="keys")
app.add_typer(master_key.app, name="master-key")
app.add_typer(scorecard.app, name="scorecard")
app.add_typer(dead_letters.app, name="dead-letters")


def _tell_version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"linkage {version('linkage-runtime')}")
        raise typer.Exit


@app.callback()
def linkage(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="版本 Say which."),
    ] = False,
) -> None:
    """审管联动 Linkage of approval and supervision: start it, drive it, look into it."""


if __name__ == "__main__":
    app()

"""`linkage up`: start a whole stack and keep it running until Ctrl-C."""

import time
from contextlib import ExitStack
from typing import Annotated

import typer

from linkage_runtime.command.console import complain, console, ends_like_ctrl_c, steps
from linkage_runtime.command.options import DEFAULT_FOLDER, Folder, Partitions, Replication
from linkage_runtime.command.seed import seed
from linkage_runtime.errors import LinkageError
from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.local import RunningStack, Stack, StackPlan, local_stack
from linkage_runtime.stack.process import ChildError
from linkage_runtime.stack.provision import DEFAULT_PARTITIONS
from linkage_runtime.stack.services import Services

_WATCH_SECONDS = 0.5


def up(
    *,
    kafka: Annotated[
        str | None,
        typer.Option(envvar="LINKAGE_KAFKA", help="Bootstrap servers; else the embedded broker."),
    ] = None,
    mongo: Annotated[
        str | None,
        typer.Option(envvar="LINKAGE_MONGO", help="MongoDB URI; else the embedded database."),
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
    partitions: Partitions = DEFAULT_PARTITIONS,
    replication: Replication = 1,
) -> None:
    """Start broker, database and all services, and keep them running until Ctrl-C."""
    plan = StackPlan(
        folder=StackFolder(folder.resolve()),
        kafka=kafka,
        mongo=mongo,
        partitions=partitions,
        replication=replication,
    )
    try:
        with ends_like_ctrl_c(), ExitStack() as running:
            _watch(_start(plan, running).services)
    except KeyboardInterrupt:
        console.print("everything is stopped")
    except LinkageError as error:
        complain(error)
        raise typer.Exit(1) from error


def _start(plan: StackPlan, running: ExitStack) -> RunningStack:
    with steps() as tell:
        started = running.enter_context(local_stack(plan, seed=seed, tell=tell))
    show(started.stack)
    return started


def _watch(services: Services) -> None:
    """Stay until Ctrl-C.

    Raises:
        ChildError: a process ended by itself.
    """
    try:
        while not (ended := services.ended()):
            time.sleep(_WATCH_SECONDS)
    except KeyboardInterrupt:
        console.print("stopping …")
        raise
    raise ChildError(ended[0].told(f"ended by itself with exit code {ended[0].exit_code}"))


def show(stack: Stack) -> None:
    """Print where everything listens, the keys, and what to try first."""
    places = {"kafka": stack.kafka, "mongo": stack.mongo, **stack.urls}
    for title, lines in (("Addresses", places), ("API keys, by organisation", stack.keys)):
        console.print(f"\n{title}:")
        for name, value in lines.items():
            # Unbroken, so that it can be copied from a narrow window.
            console.print(f"  {name}  {value}", soft_wrap=True, markup=False)
    console.print("\nEmit a decision, and look what became of it:")
    approval = stack.urls["approval-events"]
    push = stack.urls["supervision-push"]
    for request in (
        f'-H "Content-Type: application/json" -d @decision.json {approval}/v1/decisions',
        f"{push}/v1/feeds/$ORGANISATION/entries",
        f"{approval}/v1/linkages/$DECISION",
    ):
        console.print(f'  curl -H "Authorization: Bearer $KEY" {request}', soft_wrap=True)
    console.print(f"\nLogs are in {stack.folder / 'logs'}. Ctrl-C stops everything.")

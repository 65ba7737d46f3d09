"""`linkage keys`: issue and withdraw API keys, where `linkage up` did not make the sample ones."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, TypeVar

import typer

from linkage_runtime.access import ApiKeys, Scope
from linkage_runtime.clock import now
from linkage_runtime.command.console import complain, console
from linkage_runtime.errors import LinkageError
from linkage_runtime.mongo import connect, database

app = typer.Typer(help="API 密钥 API keys.", no_args_is_help=True)

Mongo = Annotated[str, typer.Option(envvar="LINKAGE_MONGO", help="MongoDB URI.")]
Done = TypeVar("Done")


@app.command()
def issue(
    organisation: Annotated[
        str, typer.Argument(help="Its 统一社会信用代码, or a name of a platform.")
    ],
    name: Annotated[str, typer.Argument(help="The organisation's name.")],
    *,
    mongo: Mongo,
    scope: Annotated[list[Scope], typer.Option(help="A right; repeat for more.")],
    authority: Annotated[
        list[str] | None, typer.Option(help="An authority it may emit for; repeat for more.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, help="It expires after so many; else never.")
    ] = None,
) -> None:
    """Make a key and print it: the only time that it is seen in clear."""

    async def work(keys: ApiKeys) -> str:
        return await keys.issue(
            organisation=organisation,
            name=name,
            scopes=scope,
            authorities=authority or [],
            expires_at=now() + timedelta(days=days) if days else None,
        )

    console.print(_with_keys(mongo, work), soft_wrap=True)


@app.command()
def withdraw(
    key_id: Annotated[str, typer.Argument(help="The part of the key between its two underscores.")],
    *,
    mongo: Mongo,
) -> None:
    """Make a key useless everywhere within seconds."""
    if not _with_keys(mongo, lambda keys: keys.withdraw(key_id)):
        console.print(
            f"没有此密钥,或已停用 (no such key, or withdrawn already): {key_id}", style="red"
        )
        raise typer.Exit(1)
    console.print(f"已停用 withdrawn: {key_id}")


def _with_keys(mongo: str, work: Callable[[ApiKeys], Awaitable[Done]]) -> Done:
    async def run() -> Done:
        client = connect(mongo)
        try:
            return await work(ApiKeys(database(client, "linkage_access")["api_keys"]))
        finally:
            client.close()

    try:
        return asyncio.run(run())
    except LinkageError as error:
        complain(error)
        raise typer.Exit(1) from error

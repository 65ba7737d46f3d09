"""The fresh collections: ``rebuild.<name>`` beside ``<name>``, and the old as ``before.<name>``.

All three are in one database, so that the switch renames and copies nothing.
"""

from typing import cast

from linkage_runtime.mongo import Collection, Database, transient_errors


class _Prefixed:
    def __init__(self, database: Database, prefix: str) -> None:
        self._database = database
        self._prefix = prefix

    def __getitem__(self, name: str) -> Collection:
        return self._database[f"{self._prefix}.{name}"]


def fresh(database: Database) -> Database:
    """What is being made; adapters take it for the database, of which they use collections only."""
    return cast("Database", _Prefixed(database, "rebuild"))


def before(database: Database) -> Database:
    """What was replaced last."""
    return cast("Database", _Prefixed(database, "before"))


async def drop_fresh(database: Database) -> None:
    """Forget what this rebuild, or one that was killed, made beside."""
    await _drop(database, "rebuild.")


async def drop_before(database: Database) -> None:
    """Forget what an earlier rebuild replaced."""
    await _drop(database, "before.")


async def _drop(database: Database, prefix: str) -> None:
    with transient_errors():
        for name in await database.list_collection_names():
            if name.startswith(prefix):
                await database[name].drop()


async def switch(database: Database, name: str) -> None:
    """Put the fresh collection in the old one's place; done again after a crash, it goes on.

    For the milliseconds between the two there is neither. What a worker writes into that gap is
    dropped, and read from the log again.
    """
    names = set(await database.list_collection_names())
    if f"rebuild.{name}" not in names:
        return
    with transient_errors():
        if name in names and f"before.{name}" not in names:
            await database[name].rename(f"before.{name}")
        await database[f"rebuild.{name}"].rename(name, dropTarget=True)

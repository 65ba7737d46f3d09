"""`linkage reconcile`: compare the topics with every store, and name each difference."""

import asyncio
import time
from dataclasses import dataclass
from typing import Annotated

import typer

from linkage_runtime.books.balance import Difference, differences
from linkage_runtime.books.log import Log, read_log
from linkage_runtime.books.stores import Stores, read_stores
from linkage_runtime.command.connection import address_book
from linkage_runtime.command.console import complain, console
from linkage_runtime.command.options import DEFAULT_FOLDER, Folder
from linkage_runtime.errors import LinkageError
from linkage_runtime.letters.mongo_acts import DATABASE, MongoLetterActs
from linkage_runtime.mongo import connect, database

_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Books:
    """Log, stores, and what is different between them."""

    log: Log
    stores: Stores
    unaccounted: list[Difference]


def reconcile(
    *,
    kafka: Annotated[str | None, typer.Option(envvar="LINKAGE_KAFKA")] = None,
    mongo: Annotated[str | None, typer.Option(envvar="LINKAGE_MONGO")] = None,
    wait: Annotated[float, typer.Option(help="Seconds to let what is under way arrive.")] = 10.0,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Balance the books; exits 1 and names every difference if they don't."""
    try:
        if kafka is None or mongo is None:
            book = address_book(folder)
            kafka, mongo = kafka or book.kafka, mongo or book.mongo
        books = balance(kafka, mongo, wait=wait)
    except LinkageError as error:
        complain(error)
        raise typer.Exit(1) from error
    for difference in books.unaccounted:
        console.print(f"✗ {difference}", style="red", markup=False, soft_wrap=True)
    console.print(f"未平 unaccounted: {len(books.unaccounted)}")
    if books.unaccounted:
        raise typer.Exit(1)


def balance(kafka: str, mongo: str, *, wait: float) -> Books:
    """Read both sides until they agree, or ``wait`` seconds have passed.

    What is under way between two processes is a difference only while it lasts.
    """
    deadline = time.monotonic() + wait
    while True:
        books = asyncio.run(_read(kafka, mongo))
        if not books.unaccounted or time.monotonic() > deadline:
            return books
        time.sleep(_AGAIN_SECONDS)


async def _read(kafka: str, mongo: str) -> Books:
    client = connect(mongo)
    try:
        replayed = await MongoLetterActs(database(client, DATABASE)).replayed()
    finally:
        client.close()
    # The log first: what is stored later is never a difference, what is logged later might be.
    log = await read_log(kafka, replayed)
    stores = await read_stores(mongo)
    return Books(log, stores, differences(log, stores))

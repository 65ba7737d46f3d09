"""The whole audit: all topics and all stores, read from beginning to end."""

import asyncio
import time
from dataclasses import dataclass

from linkage_runtime.books.balance import Difference, differences
from linkage_runtime.books.log import Log, read_log
from linkage_runtime.books.stores import Stores, read_stores
from linkage_runtime.letters.mongo_acts import DATABASE, MongoLetterActs
from linkage_runtime.mongo import connect, database, transient_errors

_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Audit:
    """Log, stores, and what is different between them."""

    log: Log
    stores: Stores
    unaccounted: list[Difference]


def audit(kafka: str, mongo: str, *, wait: float) -> Audit:
    """Read both sides until they agree, or ``wait`` seconds have passed.

    What is under way between two processes is a difference only while it lasts.
    """
    deadline = time.monotonic() + wait
    while True:
        found = asyncio.run(_read(kafka, mongo))
        if not found.unaccounted or time.monotonic() > deadline:
            return found
        time.sleep(_AGAIN_SECONDS)


async def _read(kafka: str, mongo: str) -> Audit:
    client = connect(mongo)
    try:
        replayed = await MongoLetterActs(database(client, DATABASE)).replayed()
    finally:
        client.close()
    # The log first: what is stored later is never a difference, what is logged later might be.
    log = await read_log(kafka, replayed)
    with transient_errors():
        stores = await read_stores(mongo)
    return Audit(log, stores, differences(log, stores))

"""The books over Kafka and MongoDB: opened, kept once, and what they come to."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from linkage_runtime.books.claims import Place
from linkage_runtime.books.kafka_source import KafkaSource
from linkage_runtime.books.keep_books import Keeper
from linkage_runtime.books.mongo_book import DATABASE, MongoBook
from linkage_runtime.books.mongo_shelves import MongoShelves
from linkage_runtime.books.ports import OtherKeeperError, Owed
from linkage_runtime.letters.mongo_acts import DATABASE as OPERATIONS
from linkage_runtime.letters.mongo_acts import MongoLetterActs
from linkage_runtime.mongo import connect, database

GRACE = timedelta(seconds=60)
"""How long an event may be on its way between two processes before anything is missing."""
_TRIES = 5
_MOST_ACTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the books come to at one moment."""

    at: datetime
    unaccounted: Counter[str]
    """By stage, with all that is not named below for want of room."""
    named: Sequence[Owed]
    acts: Sequence[str]
    under_way: int
    """Owed, but not for longer than the grace."""
    lag: int
    seen_again: Mapping[Place, datetime | None]
    """When the patrol last had gone through a store."""

    @property
    def total(self) -> int:
        """How much is unaccounted for."""
        return self.unaccounted.total()


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that keeping them takes."""

    source: KafkaSource
    shelves: MongoShelves
    book: MongoBook
    keeper: Keeper

    async def keep(self, at: datetime) -> None:
        """One run, taken up again where somebody else was faster.

        Raises:
            TransientError: broker or database are away.
        """
        for _ in range(_TRIES - 1):
            try:
                return await self.keeper.keep(at)
            except OtherKeeperError:
                continue
        return await self.keeper.keep(at)

    async def report(self, at: datetime, grace: timedelta = GRACE) -> Report:
        """What is missing; events younger than the grace are not judged."""
        unaccounted, named, under_way = await self.book.missing(at - grace)
        acts = await self.shelves.unpublished(at - grace, _MOST_ACTS)
        unaccounted["act"] += len(acts)
        return Report(
            at=at,
            unaccounted=unaccounted,
            named=named,
            acts=acts,
            under_way=under_way,
            lag=await self.source.lag(self.keeper.positions),
            seen_again=await self.book.rounds(),
        )


@asynccontextmanager
async def open_books(kafka: str, mongo: str) -> AsyncIterator[Books]:
    """Connect, and disconnect in the end."""
    client, source = connect(mongo), KafkaSource(kafka)
    try:
        letter_acts = MongoLetterActs(database(client, OPERATIONS))
        book, shelves = MongoBook(database(client, DATABASE), letter_acts), MongoShelves(client)
        await book.create_indexes()
        keeper = Keeper(source=source, shelves=shelves, book=book)
        yield Books(source, shelves, book, keeper)
    finally:
        await source.close()
        client.close()

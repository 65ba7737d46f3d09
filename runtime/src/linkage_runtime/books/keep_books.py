"""Keep the books: read on, look for what each new event claims, look again for what was not there.

A run costs what was written since the last one, what is owed, and one stretch of a patrol; never
what was balanced before. What is balanced is forgotten but for the sums of its hour, so a store
that is broken by hand afterwards is found by the patrol, once round all stores in their order of
ids, each document against another service's store; or by the whole audit, which reads everything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from linkage_contracts.topics import DECISIONS
from linkage_runtime.books.claims import answers, claims_of
from linkage_runtime.books.letters_read import dead_letters, decisions_buried
from linkage_runtime.books.line import Line, line_of
from linkage_runtime.books.patrol import WALKS, Walk
from linkage_runtime.books.ports import (
    Batch,
    Book,
    Entry,
    Moment,
    Owed,
    Page,
    Positions,
    Read,
    Shelves,
    Source,
)
from linkage_runtime.books.recent import KEPT, Recent, packed
from linkage_runtime.books.sheet import acts, counted
from linkage_runtime.errors import TransientError

MOST_OWED = 20_000
"""Looked for again in one run; with more, a service stands still, and that is what it says."""
STRETCH = 500
"""Documents of each store that one run's patrol looks at."""


class Keeper:
    """Keeps one set of books; what it remembers between runs stands in the book too."""

    def __init__(self, *, source: Source, shelves: Shelves, book: Book) -> None:
        self._source = source
        self._shelves = shelves
        self._book = book
        self._recent = Recent()
        self._page: Page | None = None
        self._is_open = False

    @property
    def positions(self) -> Positions:
        """How far the log was read."""
        return self._page.positions if self._page else {}

    async def keep(self, at: datetime) -> None:
        """One run; after trouble the next one takes up the books where they stand.

        Raises:
            OtherKeeperError: somebody else keeps them.
            TransientError: broker or database are away.
        """
        try:
            if not self._is_open:
                await self._open(at)
            await self._run(at)
        except TransientError:
            self._is_open = False
            raise

    async def _open(self, at: datetime) -> None:
        self._page, self._recent = await self._book.last_page(), Recent()
        async for page in self._book.seen_since(at - KEPT):
            self._recent.add(page.at, page.seen)
        self._is_open = True

    async def _run(self, at: datetime) -> None:
        async for batch in self._source.batches(self.positions):
            await self._take(batch, at)
        await self._look_again(at)
        for walk in WALKS:
            await self._patrol(walk, at)
        await self._book.forget(at - KEPT)

    async def _take(self, batch: Batch, at: datetime) -> None:
        said = [
            (line, one.at)
            for one in batch.records
            if not one.reader and (line := line_of(one.body)) is not None
        ]
        told_at = {line.id: when for line, when in reversed(said) if line.id not in self._recent}
        first = {line.id: line for line, _ in reversed(said)}
        fresh = [first[id_] for id_ in reversed(told_at)]
        answered = {key for line, _ in said if (key := answers(line))}
        moments = await self._shelves.moments(fresh)
        claims = {
            claim.key: claim
            for line in fresh
            for claim in claims_of(line)
            if claim.key not in answered
        }
        standing = await self._shelves.standing(claims.values())
        await self._book.owe(
            Owed(claim=claim, since=told_at[claim.event], moment=moments[claim.event])
            for key, claim in claims.items()
            if key not in standing
        )
        await self._book.settle(answered)
        await self._book.bury(dead_letters(batch.records))
        await self._turn(batch, fresh, moments, at)

    async def _turn(
        self, batch: Batch, fresh: Sequence[Line], moments: Mapping[str, Moment], at: datetime
    ) -> None:
        entries, tokens = await self._entries(fresh, moments, batch.records)
        number = self._page.number + 1 if self._page else 1
        page = Page(number, at, batch.positions, packed(tokens), entries)
        await self._book.turn(page)
        self._recent.add(page.at, page.seen)
        self._page = page

    async def _entries(
        self, fresh: Sequence[Line], moments: Mapping[str, Moment], records: Sequence[Read]
    ) -> tuple[list[Entry], set[str]]:
        pushes = {line.data["push_id"] for line in fresh if acts(line)}
        closing = await self._shelves.closing(pushes)
        wanted = [
            (token, Entry(moments[line.id].hour, moments[line.id].authority, column))
            for line in fresh
            for column, token in counted(line, closing)
        ]
        dead = decisions_buried(records, DECISIONS.dead_letter)
        buried = await self._shelves.moments(dead)
        wanted += [
            (f"dead {line.id}", Entry(buried[line.id].hour, buried[line.id].authority, "dead"))
            for line in dead
        ]
        first = {token: entry for token, entry in reversed(wanted) if token not in self._recent}
        return list(first.values()), {*first, *(line.id for line in fresh)}

    async def _look_again(self, at: datetime) -> None:
        owed = await self._book.open_claims(MOST_OWED)
        standing = await self._shelves.standing([one.claim for one in owed])
        origins = {one.origin for one in owed if one.origin}
        there = await self._shelves.there(origins)
        over = [
            one.claim.key
            for one in owed
            if one.claim.key in standing or (one.origin and one.origin not in there)
        ]
        await self._book.settle(over)
        left = [one for one in owed if one.claim.key not in set(over)]
        buried = await self._book.buried({one.claim.event for one in left})
        await self._book.checked(
            [
                replace(one, dead=(one.claim.event, one.claim.place.reader) in buried)
                for one in left
            ],
            at,
        )

    async def _patrol(self, walk: Walk, at: datetime) -> None:
        after = await self._book.walked(walk.place)
        documents = await self._shelves.walk(walk.place, after, STRETCH)
        owed = {
            claim.key: Owed(
                claim=claim,
                since=at,
                moment=Moment(at, claim.authority),
                origin=(walk.place, document["_id"]),
            )
            for document in documents
            for claim in walk.claims(document)
        }
        standing = await self._shelves.standing([one.claim for one in owed.values()])
        await self._book.owe(one for key, one in owed.items() if key not in standing)
        whole = len(documents) == STRETCH
        await self._book.walk_to(walk.place, documents[-1]["_id"] if whole else "", at)

"""A log, stores and a book in memory, for the keeping of the books."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from linkage_contracts.generate import ROOT
from linkage_contracts.ids import stable_id
from linkage_contracts.topics import DECISIONS, PROGRESS, Topic
from linkage_runtime.books.claims import Claim, Place, claims_of
from linkage_runtime.books.line import Line, line_of
from linkage_runtime.books.ports import Batch, Moment, OtherKeeperError, Owed, Page, Positions, Read

_DECIDED = json.loads((ROOT / "examples" / "linkage.decision.issued.v1.json").read_bytes())
_OPENED = json.loads((ROOT / "examples" / "linkage.push.opened.v1.json").read_bytes())


def decided(number: int) -> bytes:
    """A decision event."""
    data = _DECIDED["data"] | {"decision_id": stable_id("decision", str(number))}
    data["irregularities"] = []
    data.pop("commitment", None)
    return json.dumps(_DECIDED | {"id": stable_id("event", str(number)), "data": data}).encode()


def opened(number: int) -> bytes:
    """The push of that decision event."""
    data = _OPENED["data"] | {
        "push_id": stable_id("push", str(number)),
        "decision_id": stable_id("decision", str(number)),
        "decision_event_id": stable_id("event", str(number)),
    }
    data.pop("resolves", None)
    return json.dumps(_OPENED | {"id": stable_id("opened", str(number)), "data": data}).encode()


class FakeSource:
    def __init__(self) -> None:
        self.records: list[Read] = []
        self.gone = 0

    def write(self, body: bytes, *, at: datetime) -> None:
        topic = PROGRESS if b"push.opened" in body else DECISIONS
        self.records.append(Read(topic.name, 0, 0, at, body))

    def bury(self, topic: Topic, body: bytes, *, reader: str, at: datetime) -> None:
        self.records.append(Read(topic.dead_letter, 0, 0, at, body, reader))

    def forget(self) -> None:
        """What was read is not kept here."""
        self.gone += len(self.records)
        self.records.clear()

    async def batches(self, positions: Positions) -> AsyncIterator[Batch]:
        begin = positions.get("all", 0)
        end = self.gone + len(self.records)
        if end > begin:
            yield Batch(records=self.records[begin - self.gone :], positions={"all": end})

    async def lag(self, positions: Positions) -> int:
        return self.gone + len(self.records) - positions.get("all", 0)


class FakeShelves:
    def __init__(self) -> None:
        self.stands: set[str] = set()
        self.asked = 0

    def store(self, body: bytes, *, told: bool = False) -> None:
        """What the services store of an event; with its entry on the feed, or without."""
        line = line_of(body)
        assert line
        for claim in claims_of(line):
            if told or not claim.place.is_topic:
                self.stands.add(claim.key)

    async def standing(self, claims: Collection[Claim]) -> frozenset[str]:
        self.asked += len(claims)
        return frozenset(claim.key for claim in claims if claim.key in self.stands)

    async def there(self, origins: Collection[tuple[Place, str]]) -> frozenset[tuple[Place, str]]:
        self.asked += len(origins)
        return frozenset(origins)

    async def moments(self, lines: Sequence[Line]) -> Mapping[str, Moment]:
        return {line.id: Moment(datetime(2026, 11, 20, 8, tzinfo=UTC), "") for line in lines}

    async def closing(self, push_ids: Collection[str]) -> Mapping[str, str]:
        self.asked += len(push_ids)
        return {}

    async def walk(self, place: Place, after: str, limit: int) -> list[dict[str, Any]]:
        del place, limit
        self.asked += bool(after)
        return []

    async def unpublished(self, before: datetime, limit: int) -> list[str]:
        del before, limit
        return []


class FakeBook:
    def __init__(self) -> None:
        self.pages: list[Page] = []
        self.owed: dict[str, Owed] = {}
        self.sums: Counter[str] = Counter()
        self.letters: list[tuple[str, str, str]] = []
        self.replayed = False
        self.dies = False

    async def last_page(self) -> Page | None:
        return self.pages[-1] if self.pages else None

    async def seen_since(self, at: datetime) -> AsyncIterator[Page]:
        for page in self.pages:
            if page.at >= at:
                yield page

    async def owe(self, owed: Iterable[Owed]) -> None:
        for one in owed:
            self.owed.setdefault(one.claim.key, one)

    async def settle(self, keys: Collection[str]) -> None:
        for key in keys:
            self.owed.pop(key, None)

    async def bury(self, letters: Iterable[tuple[str, str, str]]) -> None:
        self.letters += letters

    async def buried(self, events: Collection[str]) -> frozenset[tuple[str, str]]:
        letters = [] if self.replayed else self.letters
        return frozenset((event, reader) for _, event, reader in letters if event in events)

    async def turn(self, page: Page) -> None:
        if self.dies:
            raise KeyboardInterrupt
        if self.pages and page.number <= self.pages[-1].number:
            raise OtherKeeperError
        self.pages.append(page)
        self.sums.update(entry.column for entry in page.entries)

    async def forget(self, before: datetime) -> None:
        self.pages = [page for page in self.pages[:-1] if page.at >= before] + self.pages[-1:]

    async def open_claims(self, limit: int) -> list[Owed]:
        return list(self.owed.values())[:limit]

    async def checked(self, owed: Collection[Owed], at: datetime) -> None:
        del at
        self.owed |= {one.claim.key: one for one in owed}

    async def walked(self, place: Place) -> str:
        del place
        return ""

    async def walk_to(self, place: Place, after: str, at: datetime) -> None:
        del place, at
        assert not after

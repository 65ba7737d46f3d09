"""A feed in memory, and builders of entries and subscriptions."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from linkage_contracts.codes import Channel
from linkage_contracts.ids import stable_id
from linkage_runtime.errors import TransientError
from supervision_push.domain.answer import Accepted, Outcome
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.entry import PushOutline, StoredEntry, opened_by
from supervision_push.domain.stretch import Stretch
from supervision_push.domain.subscription import Subscription

EPOCH = "e1"
BUREAU = "11450721MB0000001A"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def an_entry(
    offset: int, *, recipient: str = BUREAU, partition: int = 0, **changes: object
) -> StoredEntry:
    identity = stable_id("test-entry", recipient, str(offset))
    made = StoredEntry(
        id=identity,
        recipient=recipient,
        partition=partition,
        offset=offset,
        party="91350100M000100Y43",
        type="linkage.feed.push-opened.v1",
        body=b'{"id":"%s"}' % identity.encode(),
        push=PushOutline(
            push_id=stable_id("test-push", recipient, str(offset)),
            decision_id=stable_id("test-decision", str(offset)),
            event_id=stable_id("test-decision-event", str(offset)),
            authority=BUREAU,
            recipient=recipient,
            party="91350100M000100Y43",
            accepted_at=NOON,
            moves=False,
        ),
    )
    return replace(made, **changes)  # type: ignore[arg-type] # a builder takes any field


def a_subscription(**changes: object) -> Subscription:
    made = Subscription(
        id=stable_id("test-subscription"),
        organisation=BUREAU,
        channel=Channel.WEBHOOK,
        position=Cursor(epoch=EPOCH, partition=0),
        created_at=NOON,
        endpoint="https://supervisor.example/hook",
    )
    return replace(made, **changes)  # type: ignore[arg-type] # a builder takes any field


def a_push_id(offset: int) -> str:
    """The push that ``an_entry`` opens."""
    return opened_by([an_entry(offset)])[0].push_id


@dataclass
class MemoryFeed:
    """Log, watermarks and pull positions."""

    entries: dict[str, StoredEntry] = field(default_factory=dict)
    offsets: dict[int, int] = field(default_factory=dict)
    recipients: set[str] = field(default_factory=set)
    positions: dict[str, Cursor] = field(default_factory=dict)
    current_epoch: str = EPOCH
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def insert(self, entries: Sequence[StoredEntry]) -> frozenset[str]:
        known = frozenset(entry.id for entry in entries if entry.id in self.entries)
        for entry in entries:
            self.entries.setdefault(entry.id, entry)
        return known

    async def note_recipients(self, recipients: Iterable[str]) -> None:
        self.recipients |= set(recipients)

    async def raise_watermarks(self, written: Mapping[int, Stretch]) -> None:
        for partition, stretch in written.items():
            self.offsets[partition] = max(stretch.last, self.offsets.get(partition, -1))
        self.moved.set()
        self.moved = asyncio.Event()

    async def between(
        self, recipient: str, after: Cursor, upto: int, limit: int
    ) -> list[StoredEntry]:
        found = [
            entry
            for entry in self.entries.values()
            if entry.recipient == recipient and after.offset < entry.offset <= upto
        ]
        return sorted(found, key=lambda entry: entry.offset)[:limit]

    async def pushes_between(self, recipient: str, after: Cursor, upto: int) -> list[PushOutline]:
        return opened_by(await self.between(recipient, after, upto, len(self.entries)))

    async def epoch(self) -> str:
        return self.current_epoch

    async def of(self, partition: int) -> int:
        return self.offsets.get(partition, -1)

    async def beyond(
        self,
        partition: int,
        offset: int,
        within: float | None,
        recipient: str | None = None,  # noqa: ARG002 -- here everybody looks
    ) -> int:
        try:
            async with asyncio.timeout(within):
                while self.offsets.get(partition, -1) <= offset:
                    await self.moved.wait()
        except TimeoutError:
            pass
        return self.offsets.get(partition, -1)

    async def of_party(
        self, recipient: str, after: Cursor, upto: int, party: str, limit: int
    ) -> list[StoredEntry]:
        found = await self.between(recipient, after, upto, len(self.entries))
        return [entry for entry in found if entry.party == party][:limit]

    async def outlines(
        self, recipient: str, after: Cursor, upto: int
    ) -> AsyncIterator[StoredEntry]:
        for entry in await self.between(recipient, after, upto, len(self.entries)):
            yield replace(entry, body=b"")

    async def oldest(self, recipient: str, after: Cursor) -> StoredEntry | None:
        found = await self.between(recipient, after, 10**9, 1)
        return replace(found[0], body=b"") if found else None

    async def offset_before(self, recipient: str, beginning: Cursor, at: datetime) -> int | None:
        found = await self.between(recipient, beginning, 10**9, len(self.entries))
        later = [entry.offset for entry in found if entry.stored_at and entry.stored_at >= at]
        return later[0] - 1 if later else None

    async def confirmed(self, organisation: str, beginning: Cursor) -> Cursor:
        return self.positions.get(organisation, beginning)

    async def confirm(self, organisation: str, position: Cursor) -> None:
        self.positions[organisation] = position


@dataclass
class Recorded:
    """What the push half was told."""

    deliveries: list[tuple[str, tuple[str, ...], Channel]] = field(default_factory=list)
    receipts: list[tuple[str, tuple[str, ...], str]] = field(default_factory=list)
    away: int = 0
    """How many more deliveries fail to be recorded."""

    async def record(
        self,
        organisation: str,
        pushes: Sequence[PushOutline],
        channel: Channel,
        at: datetime,  # noqa: ARG002 -- the port gives it
    ) -> None:
        if self.away:
            self.away -= 1
            raise TransientError("MongoDB is away")
        self.deliveries.append((organisation, tuple(one.push_id for one in pushes), channel))

    async def sign(self, organisation: str, push_ids: Sequence[str], by: str) -> None:
        self.receipts.append((organisation, tuple(push_ids), by))


@dataclass
class ScriptedSender:
    """Answers as it is told; afterwards it accepts everything."""

    script: list[Outcome] = field(default_factory=list)
    sent: list[list[int]] = field(default_factory=list)
    in_flight: int = 0

    async def send(
        self,
        subscription: Subscription,  # noqa: ARG002 -- the port gives it
        entries: Sequence[StoredEntry],
    ) -> Outcome:
        self.in_flight += 1
        assert self.in_flight == 1, "one request in flight per subscription"
        await asyncio.sleep(0)
        self.in_flight -= 1
        self.sent.append([entry.offset for entry in entries])
        return self.script.pop(0) if self.script else self.answer(entries)

    def answer(self, entries: Sequence[StoredEntry]) -> Outcome:  # noqa: ARG002 -- some look at them
        return Accepted()

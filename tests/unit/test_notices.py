"""Digests to liaisons: when, of what, and what happens when nobody answers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from linkage_runtime.errors import TransientError
from supervision_push.adapters.notices.notice_text import NoticeText
from supervision_push.application.name_liaisons import NameLiaisons, name_liaisons
from supervision_push.application.notify_liaisons import NoticePorts, Notified, notify_liaisons
from supervision_push.application.write_feed import write_feed
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.digest import LEASE, Digest, Liaison, NoticeReader, Via, Work
from tests.unit.feed_fakes import BUREAU, EPOCH, NOON, MemoryFeed, an_entry

LI = Liaison(name="li", via=Via.EMAIL, address="li@example.cn")
WANG = Liaison(name="wang", via=Via.COMMAND, address="13800000000")
EVERY = timedelta(minutes=15)
OPENED, OVERDUE, ESCALATED = (
    f"linkage.feed.{what}.v1" for what in ("push-opened", "overdue", "escalated")
)


@dataclass
class CountedFeed(MemoryFeed):
    """Counts by type as well."""

    async def counts(self, recipient: str, after: Cursor, upto: int) -> Mapping[str, int]:
        found = await self.between(recipient, after, upto, len(self.entries))
        return Counter(entry.type for entry in found)


@dataclass
class MemoryReaders:
    """As in MongoDB, a save compares the revision."""

    by_id: dict[str, NoticeReader] = field(default_factory=dict)

    async def all(self) -> Sequence[NoticeReader]:
        return list(self.by_id.values())

    async def find(self, organisation: str) -> NoticeReader | None:
        return self.by_id.get(organisation)

    async def name(self, organisation: str, liaisons: Sequence[Liaison], begin: Cursor) -> None:
        new = NoticeReader(organisation=organisation, liaisons=(), position=begin)
        there = self.by_id.get(organisation, new)
        self.by_id[organisation] = replace(there, liaisons=tuple(liaisons))

    async def forget(self, organisation: str) -> None:
        self.by_id.pop(organisation, None)

    async def save(self, before: NoticeReader, after: NoticeReader) -> bool:
        there = self.by_id.get(before.organisation)
        if there is None or there.revision != before.revision:
            return False
        self.by_id[before.organisation] = replace(after, liaisons=there.liaisons)
        return True


class DiedError(Exception):
    """The process ended."""


@dataclass
class ScriptedNotifier:
    """Fails as often as it is told to."""

    failures: int = 0
    told: list[tuple[Digest, Liaison]] = field(default_factory=list)

    async def notify(self, organisation: str, digest: Digest, liaison: Liaison) -> None:
        assert organisation == BUREAU
        if self.failures:
            self.failures -= 1
            raise TransientError("the server is away")
        self.told.append((digest, liaison))


@dataclass
class Office:
    """One organisation whose liaisons are told."""

    feed: CountedFeed = field(default_factory=CountedFeed)
    readers: MemoryReaders = field(default_factory=MemoryReaders)
    mail: ScriptedNotifier = field(default_factory=ScriptedNotifier)
    phone: ScriptedNotifier = field(default_factory=ScriptedNotifier)
    now: datetime = NOON
    offset: int = 0

    async def name(self, *liaisons: Liaison) -> None:
        await name_liaisons(
            NameLiaisons(organisation=BUREAU, liaisons=liaisons),
            readers=self.readers,
            watermarks=self.feed,
            partition_of=lambda _: 0,
        )

    async def tell(self, *types: str) -> None:
        entries = []
        for type_ in types:
            entries.append(replace(an_entry(self.offset), type=type_))
            self.offset += 1
        await write_feed(entries, feed=self.feed)

    async def look(self, minutes: float = 0) -> Notified:
        self.now += timedelta(minutes=minutes)
        return await notify_liaisons(
            by=NoticePorts(
                readers=self.readers,
                feed=self.feed,
                watermarks=self.feed,
                notifiers={Via.EMAIL: self.mail, Via.COMMAND: self.phone},
                partition_of=lambda _: 0,
                clock=lambda: self.now,
                every=EVERY,
            )
        )

    @property
    def reader(self) -> NoticeReader:
        return self.readers.by_id[BUREAU]

    def counts(self) -> list[dict[str, int]]:
        return [{str(work): n for work, n in digest.counts.items()} for digest, _ in self.mail.told]


@pytest.fixture
async def office() -> Office:
    opened = Office()
    await opened.tell(OPENED)
    await opened.name(LI)
    return opened


async def test_work_is_counted_by_kind_from_the_naming_on(office: Office) -> None:
    await office.look()
    assert office.mail.told == []
    await office.tell(OPENED, OPENED, OVERDUE, "linkage.feed.push-recalled.v1")
    assert await office.look() == Notified(sent=1)
    assert office.counts() == [{"new": 2, "overdue": 1}]
    assert office.reader.position.offset == 4


async def test_the_next_digest_waits_and_then_tells_all_that_came_meanwhile(office: Office) -> None:
    await office.tell(OPENED)
    await office.look()
    await office.tell(OPENED)
    await office.look(minutes=14)
    await office.tell(OVERDUE)
    assert len(office.mail.told) == 1
    await office.look(minutes=1)
    assert office.counts() == [{"new": 1}, {"new": 1, "overdue": 1}]


async def test_escalated_work_does_not_wait(office: Office) -> None:
    await office.tell(OPENED)
    await office.look()
    await office.tell(OPENED, ESCALATED)
    await office.look(minutes=1)
    assert office.counts()[1:] == [{"new": 1, "escalated": 1}]


async def test_what_is_no_work_is_no_message(office: Office) -> None:
    await office.tell("linkage.feed.push-recalled.v1", "linkage.feed.result-received.v1")
    assert await office.look() == Notified()
    assert office.mail.told == []


async def test_what_failed_is_told_again_later_with_the_same_id_and_the_same_counts(
    office: Office,
) -> None:
    office.mail.failures = 2
    await office.tell(OPENED)
    assert await office.look() == Notified(failed=1, failing=1)
    assert (office.reader.failures, office.reader.cause) == (1, "email: the server is away")
    pending = office.reader.digest
    await office.tell(OPENED, ESCALATED)
    assert await office.look(minutes=0.5) == Notified(failing=1)  # it backs off
    await office.look(minutes=0.5)
    assert await office.look(minutes=2) == Notified(sent=1)
    ((digest, _),) = office.mail.told
    assert pending is not None
    assert (digest.id, digest.counts) == (pending.id, {Work.NEW: 1})
    await office.look()
    assert office.counts()[1:] == [{"new": 1, "escalated": 1}]


async def test_who_was_told_is_not_told_again_because_another_was_not(office: Office) -> None:
    await office.name(LI, WANG)
    office.phone.failures = 1
    await office.tell(OPENED)
    await office.look()
    await office.look(minutes=5)
    assert [len(office.mail.told), len(office.phone.told)] == [1, 1]
    assert office.reader.digest is None


async def test_an_address_that_is_no_more_holds_up_nobody_for_long(office: Office) -> None:
    await office.name(LI, WANG)
    office.phone.failures = 1_000
    for _ in range(24):
        await office.tell(OPENED)
        await office.look(minutes=60)
    assert sum(digest.counts[Work.NEW] for digest, _ in office.mail.told) == 24
    assert (await office.look(minutes=60)).failing == 1, "operators still see it"
    office.phone.failures = 0
    await office.tell(OPENED)
    assert (await office.look(minutes=60)).failing == 0


async def test_while_nobody_has_a_digest_it_is_tried_on(office: Office) -> None:
    office.mail.failures = 50
    await office.tell(OPENED)
    for _ in range(60):
        await office.look(minutes=60)
    assert [digest.counts[Work.NEW] for digest, _ in office.mail.told] == [1]


async def test_whoever_dies_while_sending_leaves_the_same_digest_to_another(office: Office) -> None:
    class DyingNotifier(ScriptedNotifier):
        async def notify(self, organisation: str, digest: Digest, liaison: Liaison) -> None:
            await super().notify(organisation, digest, liaison)
            raise DiedError

    await office.tell(OPENED)
    first = office.mail = DyingNotifier()
    with pytest.raises(DiedError):
        await office.look()
    second = office.mail = ScriptedNotifier()
    await office.tell(OPENED)
    await office.look()
    assert second.told == []  # it is another's until the lease has run out
    await office.look(minutes=LEASE / timedelta(minutes=1))
    assert [digest.id for digest, _ in first.told] == [digest.id for digest, _ in second.told]
    assert second.told[0][0].counts == {Work.NEW: 1}


async def test_two_that_look_at_once_tell_once(office: Office) -> None:
    await office.tell(OPENED)
    stale = office.reader

    async def all_stale() -> Sequence[NoticeReader]:
        return [stale]

    await office.look()
    office.readers.all = all_stale  # type: ignore[method-assign] # the other read before we wrote
    await office.look(minutes=60)
    assert len(office.mail.told) == 1


async def test_a_way_that_is_configured_no_more_is_a_failure_and_not_silence(
    office: Office,
) -> None:
    await office.name(Liaison(name="x", via=Via.HTTP, address="x"))
    await office.tell(OPENED)
    assert (await office.look()).failed == 1


async def test_an_organisation_that_names_nobody_is_told_nothing(office: Office) -> None:
    await office.name()
    await office.tell(OPENED)
    assert await office.look() == Notified()


async def test_feeds_that_are_numbered_anew_are_told_from_their_beginning(office: Office) -> None:
    office.feed.current_epoch = "e2"
    await office.look()
    assert office.counts() == [{"new": 1}]
    assert office.reader.position == Cursor(epoch="e2", partition=0, offset=0)
    assert EPOCH != "e2"


def test_a_message_has_counts_and_a_link_and_nothing_else() -> None:
    digest = Digest(id="d", upto=3, counts={Work.NEW: 2, Work.ESCALATED: 1})
    text = NoticeText(link="https://linkage.example/todo")
    assert text.subject(digest) == "【审管联动】新待办 2 项,超期 0 项,督办 1 项"
    body = text.body(BUREAU, digest)
    assert body.splitlines()[-1] == "https://linkage.example/todo"
    assert "New 2, overdue 0, escalated 1" in body

"""Liaisons, and how far they were told, in a real database."""

from dataclasses import replace

from linkage_runtime.mongo import Database
from supervision_push.adapters.feeds.mongo_feed import MongoFeedLog
from supervision_push.adapters.notices.mongo_notices import MongoNotices
from supervision_push.application.write_feed import write_feed
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.digest import Digest, Work
from tests.unit.feed_fakes import BUREAU, NOON, an_entry
from tests.unit.test_notices import LI, WANG

BEGIN = Cursor(epoch="e1", partition=0, offset=2)


async def test_a_reader_is_kept_whole_and_moved_by_one_at_a_time(store: Database) -> None:
    notices = MongoNotices(store)
    await notices.name(BUREAU, [LI, WANG], BEGIN)
    (named,) = await notices.all()
    assert (named.liaisons, named.position, named.revision) == ((LI, WANG), BEGIN, 0)
    moved = replace(
        named,
        digest=Digest(id="d", upto=7, counts={Work.NEW: 2}, told=("li@example.cn",)),
        sent_at=NOON,
        failures=1,
        cause="email: away",
        wait_until=NOON,
        revision=1,
    )
    assert await notices.save(named, moved)
    assert await notices.find(BUREAU) == moved
    assert not await notices.save(named, replace(named, revision=1))
    await notices.name(BUREAU, [WANG], BEGIN.at(9))
    assert await notices.find(BUREAU) == replace(moved, liaisons=(WANG,))
    await notices.forget(BUREAU)
    assert await notices.all() == []


async def test_a_stretch_of_one_feed_is_counted_by_type(store: Database) -> None:
    overdue = replace(an_entry(3), type="linkage.feed.overdue.v1")
    others = an_entry(4, recipient="another")
    entries = [*(an_entry(offset) for offset in (1, 2, 5, 6)), overdue, others]
    await write_feed(entries, feed=MongoFeedLog(store))
    counted = await MongoNotices(store).counts(BUREAU, BEGIN.at(1), 5)
    assert counted == {"linkage.feed.push-opened.v1": 2, "linkage.feed.overdue.v1": 1}

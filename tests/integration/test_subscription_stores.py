"""Subscriptions, waiting for entries, and searches in a real database."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from linkage_contracts.codes import Channel, RiskClass
from linkage_contracts.ids import stable_id
from linkage_runtime.clock import now
from linkage_runtime.mongo import Database
from supervision_push.adapters.feeds.mongo_feed import (
    MongoFeedLog,
    MongoPullPositions,
    number_feeds,
)
from supervision_push.adapters.feeds.mongo_feed_readers import MongoFeedReaders
from supervision_push.adapters.feeds.mongo_feed_search import MongoFeedSearch
from supervision_push.adapters.feeds.mongo_watermarks import MongoWatermarks
from supervision_push.adapters.subscriptions.mongo_shares import MongoShareBook
from supervision_push.adapters.subscriptions.mongo_subscriptions import MongoSubscriptions
from supervision_push.application.subscription_ports import Reader
from supervision_push.application.write_feed import write_feed
from supervision_push.domain.answer import Cause, Failed
from supervision_push.domain.attempt import Attempt
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.outcome import failed
from supervision_push.domain.preferences import Filter, Preferences
from supervision_push.domain.subscription import (
    Change,
    Parked,
    Replay,
    Subscription,
    SubscriptionState,
    Suspicion,
)
from supervision_push.domain.trouble import Trouble
from tests.unit.feed_fakes import BUREAU, EPOCH, NOON, a_subscription, an_entry

MADE = Change(at=NOON, by="key1", what="created")
START = Cursor(epoch=EPOCH, partition=0)


def a_full_one() -> Subscription:
    """Every field is set to something."""
    return a_subscription(
        name="市级",
        topic="t",
        preferences=Preferences(
            filter=Filter(
                items=frozenset({"1", "2"}),
                regions=frozenset({"450721"}),
                types=frozenset({"t"}),
                risk_classes=frozenset({RiskClass.HIGH}),
            ),
            batch_size=7,
            delay=timedelta(milliseconds=1500),
            rate=0.5,
        ),
        sealed_secret=b"new",
        old_secret=b"old",
        old_secret_until=NOON,
        verified_at=NOON,
        edited_at=NOON,
        trouble=Trouble(failures=2, since=NOON, cause=Cause.BUSY, detail="d", retry_at=NOON),
        pace=0.5,
        suspicion=Suspicion(within=4, tries=2, refused=False, neighbour_passed=True),
        parked=(Parked(party="p", first=3, since=NOON, cause=Cause.REFUSED, detail="d"),),
        replay=Replay(upto=5, back_to=9),
        delivered_at=NOON,
        processed=False,
    )


@pytest.fixture
async def subscriptions(store: Database) -> MongoSubscriptions:
    made = MongoSubscriptions(store)
    for _ in range(2):  # provisioning is repeatable
        await made.create_indexes()
    return made


async def test_a_subscription_is_read_as_it_was_written(subscriptions: MongoSubscriptions) -> None:
    assert await subscriptions.add(a_full_one(), MADE)
    assert not await subscriptions.add(a_full_one(), MADE)
    assert await subscriptions.find(a_full_one().id) == a_full_one()
    assert await subscriptions.of(BUREAU) == [a_full_one()]


async def test_of_two_who_write_one_wins_and_the_other_must_look_again(
    subscriptions: MongoSubscriptions,
) -> None:
    one = a_subscription()
    await subscriptions.add(one, MADE)
    paused = Change(at=NOON, by="key2", what="paused")
    saves = [subscriptions.save(one, one.passed(4)), subscriptions.save(one, one.paused(), paused)]
    assert sorted(await asyncio.gather(*saves)) == [False, True]


async def test_parking_is_one_write_with_the_cursor_and_its_line_of_history(
    subscriptions: MongoSubscriptions,
) -> None:
    tried = a_subscription(suspicion=Suspicion(within=1, tries=7))
    await subscriptions.add(tried, MADE)
    after = failed(
        tried,
        Attempt(entries=[an_entry(5)], through=9),
        Failed(cause=Cause.REFUSED),
        at=NOON,
        chance=0,
        give_up_after=timedelta(days=3),
    )
    assert await subscriptions.save(tried, after, Change(at=NOON, by="linkage", what="parked"))
    there = await subscriptions.find(tried.id)
    assert there == replace(after, revision=1)
    assert (there.position.offset, [one.first for one in there.parked]) == (9, [5])
    history = await subscriptions.history(tried.id, BUREAU)
    assert [line.what for line in history] == ["created", "parked"]
    assert [one.id for one in await subscriptions.ailing()] == [tried.id]


async def test_a_removed_subscription_is_seen_by_deliverers_and_in_its_history_alone(
    subscriptions: MongoSubscriptions,
) -> None:
    one = a_subscription(edited_at=NOON)
    await subscriptions.add(one, MADE)
    gone = replace(one.removed(), edited_at=NOON + timedelta(minutes=1))
    await subscriptions.save(one, gone, Change(at=NOON, by="key1", what="removed"))
    assert await subscriptions.find(one.id) is None
    assert await subscriptions.of(BUREAU) == []
    assert await subscriptions.delivering() == {}
    (edited,) = await subscriptions.edited_since(NOON + timedelta(seconds=30))
    assert not edited.delivers
    assert await subscriptions.add(one, MADE)
    history = await subscriptions.history(one.id, BUREAU)
    assert [line.what for line in history] == ["created", "removed", "created"]
    again = await subscriptions.find(one.id)
    assert again is not None
    # What a deliverer still holds of the one before finds no match.
    assert not await subscriptions.save(one, one.passed(7))


async def test_a_cursor_moves_without_being_an_edit(subscriptions: MongoSubscriptions) -> None:
    one = a_subscription(edited_at=NOON)
    await subscriptions.add(one, MADE)
    await subscriptions.save(one, one.passed(4))
    assert await subscriptions.edited_since(NOON + timedelta(seconds=1)) == []
    assert await subscriptions.delivering() == {one.id: NOON}
    assert [found.position.offset for found in await subscriptions.find_all([one.id])] == [4]


@pytest.fixture
async def feed(store: Database) -> MongoFeedLog:
    made = MongoFeedLog(store)
    await made.create_indexes()
    await number_feeds(store)
    return made


async def test_whoever_waits_is_woken_by_its_own_entries_and_by_no_others(
    store: Database, feed: MongoFeedLog
) -> None:
    marks = MongoWatermarks(store)
    own = asyncio.create_task(marks.beyond(0, -1, None, recipient=BUREAU))
    other = asyncio.create_task(marks.beyond(0, 4, None, recipient="other"))
    later = asyncio.create_task(marks.beyond(0, 5, None, recipient=BUREAU))
    await asyncio.sleep(0.1)
    await write_feed([an_entry(3), an_entry(4)], feed=feed)
    assert await asyncio.wait_for(own, 2) == 4
    await write_feed([an_entry(5, recipient="other")], feed=feed)
    assert await asyncio.wait_for(other, 2) == 5
    await write_feed([an_entry(6, recipient="other")], feed=feed)
    await asyncio.sleep(0.1)
    assert not later.done()
    await write_feed([an_entry(7)], feed=feed)
    assert await asyncio.wait_for(later, 2) == 7


async def test_entries_are_searched_by_party_time_and_outline(
    store: Database, feed: MongoFeedLog
) -> None:
    before = now()
    entries = [an_entry(n, party=f"p{n % 2}", items=("1",), region="450721") for n in range(6)]
    await write_feed(entries, feed=feed)
    search = MongoFeedSearch(store)
    found = await search.of_party(BUREAU, START, 4, "p0", 2)
    assert [entry.offset for entry in found] == [0, 2]
    outlines = [entry async for entry in search.outlines(BUREAU, START.at(2), 4)]
    assert [(one.offset, one.body, one.items) for one in outlines] == [
        (3, b"", ("1",)),
        (4, b"", ("1",)),
    ]
    oldest = await search.oldest(BUREAU, START.at(3))
    assert oldest is not None
    assert (oldest.offset, oldest.body) == (4, b"")
    assert await search.oldest(BUREAU, START.at(5)) is None
    assert await search.offset_before(BUREAU, START, before) == -1
    assert await search.offset_before(BUREAU, START, now() + timedelta(seconds=1)) is None


async def test_who_has_read_how_far_is_told_for_all_organisations_at_once(
    store: Database, feed: MongoFeedLog, subscriptions: MongoSubscriptions
) -> None:
    await write_feed([an_entry(3), an_entry(4), an_entry(5, recipient="other")], feed=feed)
    await MongoPullPositions(store).confirm("other", START.at(5))
    await MongoPullPositions(store).confirm("other", replace(START, epoch="old", offset=900))
    one = a_subscription(channel=Channel.PULL, endpoint=None)
    await subscriptions.add(one, MADE)
    await subscriptions.save(one, one.fetched(START.at(4), NOON).paused())
    removed = a_subscription(id=a_subscription().id.replace("c", "d"))
    await subscriptions.add(removed, MADE)
    await subscriptions.save(removed, removed.removed())
    readers = MongoFeedReaders(store)
    assert sorted(await readers.recipients()) == [BUREAU, "other"]
    assert {key: offset for key, (offset, _) in (await readers.pulled(EPOCH)).items()} == {
        "other": 5
    }
    assert await readers.subscribed() == [
        Reader(
            organisation=BUREAU,
            state=SubscriptionState.PAUSED,
            epoch=EPOCH,
            offset=4,
            channel=Channel.PULL,
            delivered_at=NOON,
        )
    ]


async def test_what_is_fetched_is_nothing_for_a_deliverer(
    subscriptions: MongoSubscriptions,
) -> None:
    one = a_subscription()
    assert await subscriptions.add(one, MADE)
    for channel in (Channel.PULL, Channel.SSE):
        fetched = replace(one, id=stable_id("fetched", channel), channel=channel, endpoint=None)
        assert await subscriptions.add(fetched, MADE)
    assert [*await subscriptions.delivering()] == [one.id]


async def test_the_shares_are_written_by_one_of_two_at_a_time(store: Database) -> None:
    book = MongoShareBook(store)
    for _ in range(2):  # provisioning is repeatable
        await book.create()
    empty = await book.read()
    beats = [empty.beat(name, dead=(), busy=frozenset()) for name in "ab"]
    written = await asyncio.gather(*(book.write(empty, after) for after in beats))
    assert sorted(written) == [False, True]
    assert await book.read() == beats[written.index(True)]


async def test_a_recipient_is_noted_once_in_the_life_of_a_writer(
    store: Database, feed: MongoFeedLog
) -> None:
    await write_feed([an_entry(1)], feed=feed)
    await store["feed_recipients"].delete_many({})
    await write_feed([an_entry(2)], feed=feed)
    assert await MongoFeedReaders(store).recipients() == []
    await write_feed([an_entry(3)], feed=MongoFeedLog(store))
    assert await MongoFeedReaders(store).recipients() == [BUREAU]

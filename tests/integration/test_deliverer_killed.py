"""A deliverer dies without a word, a request in flight: nothing is lost, nothing out of order."""

import asyncio
import base64
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from itertools import groupby

import pytest
from standardwebhooks import Webhook

from linkage_contracts.ids import stable_id
from linkage_runtime.clock import now
from linkage_runtime.master_keys import MasterKeys
from linkage_runtime.mongo import Database, connect, database
from supervision_push.adapters.feeds.mongo_feed import MongoFeedLog
from supervision_push.adapters.feeds.mongo_watermarks import MongoWatermarks
from supervision_push.adapters.subscriptions.mongo_shares import MongoShareBook
from supervision_push.adapters.subscriptions.mongo_subscriptions import MongoSubscriptions
from supervision_push.adapters.subscriptions.sealed_secrets import SealedSecrets
from supervision_push.application.write_feed import write_feed
from supervision_push.bootstrap_feeds import create_feed_indexes
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.preferences import Preferences
from supervision_push.domain.subscription import Change, Subscription
from tests.unit.feed_fakes import BUREAU, a_subscription, an_entry
from tests.unit.webhook_receiver import Receiver, answer_of, receiving

MASTER = b"m" * 32
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
ENTRIES = 100
DELIVERER = [sys.executable, "-m", "supervision_push.entrypoints.deliverer"]


@pytest.fixture
async def own(mongo: str) -> AsyncIterator[Database]:
    """The database that the process opens by itself, empty."""
    client = connect(mongo)
    await client.drop_database("supervision_push")
    own = database(client, "supervision_push")
    await create_feed_indexes(own)
    yield own
    await client.drop_database("supervision_push")
    client.close()


@asynccontextmanager
async def deliverer(mongo: str, kafka: str) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {
        **os.environ,
        "LINKAGE_MONGO": mongo,
        "LINKAGE_KAFKA": kafka,
        "LINKAGE_MASTER_KEY": base64.b64encode(MASTER).decode(),
        "LINKAGE_WEBHOOK_NETWORKS": "127.0.0.0/8",
    }
    process = await asyncio.create_subprocess_exec(
        *DELIVERER, env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def subscribed(own: Database, endpoint: str, number: int = 0) -> Subscription:
    made = a_subscription(
        id=stable_id("killed", str(number)),
        organisation=organisation(number),
        endpoint=endpoint,
        position=Cursor(epoch=await MongoWatermarks(own).epoch(), partition=0),
        preferences=Preferences(batch_size=10),
        edited_at=now(),
    )
    sealed = replace(made, sealed_secret=SealedSecrets(MasterKeys(MASTER)).seal(made.id, SECRET))
    await MongoSubscriptions(own).add(sealed, Change(at=now(), by="test", what="created"))
    return sealed


def organisation(number: int) -> str:
    return f"{BUREAU}{number or ''}"


def told(offset: int, number: int = 0) -> StoredEntry:
    party = f"party {offset % 7}"
    event = {"id": stable_id("told", str(offset)), "party": party, "number": offset}
    body = json.dumps(event).encode()
    return an_entry(offset, recipient=organisation(number), party=party, id=event["id"], body=body)


def read_by_a_regulator(receiver: Receiver) -> list[dict[str, int | str]]:
    """Each verified; what it saw before is left out."""
    requests = [Webhook(SECRET).verify(one.body, one.headers) for one in receiver.requests]
    fresh: dict[str, dict[str, int | str]] = {}
    for events in requests:
        for event in events:
            fresh.setdefault(event["id"], event)
    return list(fresh.values())


async def until(happened: Callable[[], Awaitable[bool]]) -> None:
    while not await happened():  # noqa: ASYNC110 -- another process does it
        await asyncio.sleep(0.2)


async def _both_hold(book: MongoShareBook) -> bool:
    return len(set((await book.read()).holders) - {None}) == 2


async def _stands_at(own: Database, one: Subscription, offset: int) -> bool:
    there = await MongoSubscriptions(own).find(one.id)
    return there is not None and there.position.offset == offset


async def _all_moved(own: Database, numbers: Iterable[int]) -> bool:
    """Every cursor is past its first entry: who dies after that leaves nothing to repeat."""
    found = await MongoSubscriptions(own).find_all([stable_id("killed", str(n)) for n in numbers])
    return all(one.delivered_at is not None for one in found)


async def until_told(receiver: Receiver, requests: int) -> None:
    async with asyncio.timeout(60):
        while len(receiver.requests) < requests:  # noqa: ASYNC110 -- another process sends
            await asyncio.sleep(0.05)


async def test_killed_mid_batch_and_restarted_every_event_comes_in_order_and_once_by_id(
    own: Database, mongo: str, embedded_kafka: str
) -> None:
    await write_feed([told(offset) for offset in range(ENTRIES)], feed=MongoFeedLog(own))
    # The fourth request is taken in and never answered: as far as the deliverer knows, it failed.
    answers = [answer_of(204), answer_of(204), answer_of(204), None]
    async with receiving(*answers) as (receiver, endpoint):
        one = await subscribed(own, endpoint)
        async with deliverer(mongo, embedded_kafka) as process:
            await until_told(receiver, 4)
            # What was answered is written down while the fourth hangs.
            await asyncio.wait_for(until(partial(_stands_at, own, one, 29)), 5)
            process.send_signal(signal.SIGKILL)
            assert await process.wait() == -signal.SIGKILL
        async with deliverer(mongo, embedded_kafka):
            await until_told(receiver, 11)
    read = read_by_a_regulator(receiver)
    assert [event["number"] for event in read] == list(range(ENTRIES))
    sent = [event["number"] for request in receiver.requests for event in json.loads(request.body)]
    assert [number for number, again in groupby(sorted(sent)) if len([*again]) > 1] == [
        *range(30, 40)
    ]


async def test_two_deliverers_double_no_request_and_one_takes_over_when_the_other_dies(
    own: Database, mongo: str, embedded_kafka: str
) -> None:
    numbers, feed = range(24), MongoFeedLog(own)
    book = MongoShareBook(own)
    async with receiving() as (receiver, endpoint):
        for number in numbers:
            await subscribed(own, endpoint, number)
        async with (
            deliverer(mongo, embedded_kafka) as dies,
            deliverer(mongo, embedded_kafka),
            asyncio.timeout(90),
        ):
            await until(lambda: _both_hold(book))
            await write_feed([told(n, n) for n in numbers], feed=feed)
            await until(lambda: _all_moved(own, numbers))
            dies.send_signal(signal.SIGKILL)
            await dies.wait()
            await write_feed([told(100 + n, n) for n in numbers], feed=feed)
            await until_told(receiver, 2 * len(numbers))
    sent = [event["number"] for request in receiver.requests for event in json.loads(request.body)]
    assert sorted(sent) == [*numbers, *(100 + n for n in numbers)]

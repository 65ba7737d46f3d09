"""A database of its own for each test, and the life of pushes in one."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from linkage_runtime.mongo import Database, connect, database
from linkage_runtime.outbox import Outbox
from supervision_push.adapters.deadlines.mongo_clocks import MongoClocks
from supervision_push.adapters.pushes.mongo_pool import MongoPool
from supervision_push.adapters.pushes.mongo_pushes import MongoPushes
from supervision_push.adapters.pushes.mongo_ratings import MongoRatings
from supervision_push.adapters.pushes.mongo_recalls import MongoRecalls
from supervision_push.adapters.pushes.push_documents import push_subject
from supervision_push.application.ports import Books
from tests.unit.push_fakes import FakePublisher
from tests.unit.push_stage import PushStage


@pytest.fixture
async def store(mongo: str) -> AsyncIterator[Database]:
    client = connect(mongo)
    try:
        yield database(client, f"test_{uuid4().hex[:12]}")
    finally:
        client.close()


@pytest.fixture
async def own(mongo: str) -> AsyncIterator[Database]:
    client = connect(mongo)
    name = f"push_{uuid4().hex[:12]}"
    yield database(client, name)
    await client.drop_database(name)
    client.close()


@pytest.fixture
async def stage(own: Database) -> PushStage:
    publisher: Any = FakePublisher()
    outbox, pool_outbox = Outbox(own["pushes"], publisher), Outbox(own["pool"], publisher)
    pushes = MongoPushes(own["pushes"], own["deliveries"], own["pool"], outbox)
    pool = MongoPool(own["pool"], pool_outbox)
    for _ in range(2):  # provisioning is repeatable
        await pushes.create_indexes()
        await pool.create_indexes()
        await MongoClocks(own["pushes"], push_subject, outbox).create_indexes()
    return PushStage(
        books=Books(
            pushes=pushes,
            pool=pool,
            recalls=MongoRecalls(own["recalls"]),
            classes=MongoRatings(own["ratings"]),
        ),
        publisher=publisher,
        sweeps=[outbox.sweep, pool_outbox.sweep],
    )

"""A database of its own for each test."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from linkage_runtime.mongo import Database, connect, database


@pytest.fixture
async def store(mongo: str) -> AsyncIterator[Database]:
    client = connect(mongo)
    try:
        yield database(client, f"test_{uuid4().hex[:12]}")
    finally:
        client.close()

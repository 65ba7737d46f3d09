"""Two rebuilds of one service at once: the second is refused, and one that died is no hindrance."""

import asyncio

import pytest

from linkage_runtime.mongo import Database
from linkage_runtime.rebuild import alone as room
from linkage_runtime.rebuild.alone import OtherRebuildError, alone


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_BEAT_SECONDS", 0.05)
    monkeypatch.setattr(room, "_STILL_SECONDS", 1.0)


async def done(after: float = 0.0) -> str:
    await asyncio.sleep(after)
    return "done"


async def test_a_second_rebuild_is_refused_while_the_first_works_and_not_after(
    store: Database,
) -> None:
    rebuilds = store["rebuilds"]
    first = asyncio.create_task(alone(rebuilds, "credit", done(2.0)))
    await asyncio.sleep(0.3)
    with pytest.raises(OtherRebuildError, match="另一次重建正在进行"):
        await alone(rebuilds, "credit", done())
    assert await alone(rebuilds, "approval-events", done()) == "done"
    assert await first == "done"
    assert await alone(rebuilds, "credit", done()) == "done"
    assert await rebuilds.count_documents({}) == 0


async def test_the_place_of_one_that_died_is_taken_and_it_stops_if_it_wakes(
    store: Database,
) -> None:
    rebuilds = store["rebuilds"]
    await rebuilds.insert_one({"_id": "credit/running", "run": "dead", "beat": 7})
    assert await alone(rebuilds, "credit", done()) == "done"
    slow = asyncio.create_task(alone(rebuilds, "credit", done(30.0)))
    await asyncio.sleep(0.3)
    await rebuilds.update_one({"_id": "credit/running"}, {"$set": {"run": "another"}})
    with pytest.raises(OtherRebuildError):
        await slow
    assert await rebuilds.count_documents({"run": "another"}) == 1


async def test_what_fails_leaves_the_place_free(store: Database) -> None:
    async def fails() -> None:
        raise ValueError("no log")

    with pytest.raises(ValueError, match="no log"):
        await alone(store["rebuilds"], "credit", fails())
    assert await store["rebuilds"].count_documents({}) == 0

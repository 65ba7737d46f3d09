"""Counting what is open, where it lies: by whom it is owed and how its deadline stands."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from linkage_contracts.codes import Clock, DeadlineCause
from linkage_runtime.mongo import Database
from linkage_runtime.outbox import Outbox
from linkage_runtime.publisher import KafkaPublisher
from supervision_push.adapters.deadlines.clock_documents import clock_fields
from supervision_push.adapters.deadlines.mongo_clocks import MongoClocks
from supervision_push.adapters.deadlines.open_clocks import WHAT_IS_OPEN, Standing, count_open
from supervision_push.adapters.pushes.push_documents import push_subject
from supervision_push.domain.clocks import ClockMove, RunningClock
from supervision_push.domain.terms import start_clock
from tests.unit.push_builders import a_schedule

START = datetime(2026, 11, 16, 2, tzinfo=UTC)


def clock(kind: Clock = Clock.RECEIPT) -> RunningClock:
    return start_clock(kind, started_at=START, schedule=a_schedule())


def paused(one: RunningClock) -> RunningClock:
    moves = [
        ClockMove(cause=cause, at=START, was_due_on=one.due_on, due_on=one.due_on)
        for cause in (DeadlineCause.EXTENDED, DeadlineCause.PAUSED)
    ]
    return RunningClock(
        **{name: getattr(one, name) for name in one.__dataclass_fields__} | {"moves": tuple(moves)}
    )


@pytest.mark.parametrize(
    ("at", "standing"),
    [
        (START, Standing.IN_TIME),
        (clock().warn_at, Standing.DUE_SOON),
        (clock().due_at - timedelta(milliseconds=1), Standing.DUE_SOON),
        (clock().due_at, Standing.OVERDUE),
    ],
)
async def test_an_open_deadline_stands_in_one_way(
    store: Database, at: datetime, standing: Standing
) -> None:
    await store["pushes"].insert_one({"_id": 1, "recipient": "a", **clock_fields([clock()])})
    (found,) = await count_open(store["pushes"], "recipient", at)
    assert found.counts == {one: int(one is standing) for one in Standing}
    assert (found.authority, found.clock, found.since) == ("a", Clock.RECEIPT, START)


async def test_what_is_open_is_told_by_the_first_item_of_a_push(store: Database) -> None:
    owed = {"recipient": "a", **clock_fields([clock()])}
    items = [{"code": "x", "name": "甲"}, {"code": "y", "name": "乙"}]
    documents: list[dict[str, Any]] = [
        {"items": items},
        {"items": items[:1]},
        {"items": items[1:]},
        {"items": []},
        {},
    ]
    await store["pushes"].insert_many({"_id": i, **owed, **one} for i, one in enumerate(documents))
    found = await count_open(store["pushes"], "recipient", START)
    counted = {one.item: one.counts[Standing.IN_TIME] for one in found}
    assert counted == {"x": 2, "y": 1, None: 2}


async def test_what_was_done_is_not_counted_and_what_stands_still_is_not_overdue(
    store: Database,
) -> None:
    late = clock().due_at + timedelta(days=99)
    done, waits = clock().stopped(START), clock(Clock.ENROLMENT)
    documents = [[done], [done, waits], [paused(clock())], []]
    await store["pushes"].insert_many(
        {"_id": i, "recipient": "a", **clock_fields(clocks)} for i, clocks in enumerate(documents)
    )
    found = {one.clock: one.counts for one in await count_open(store["pushes"], "recipient", late)}
    assert found == {
        Clock.RECEIPT: {one: int(one is Standing.PAUSED) for one in Standing},
        Clock.ENROLMENT: {one: int(one is Standing.OVERDUE) for one in Standing},
    }


async def test_counting_costs_what_is_open_and_not_what_was_ever_stored(store: Database) -> None:
    pushes = store["pushes"]
    await MongoClocks(
        pushes, push_subject, Outbox(pushes, KafkaPublisher("nowhere:1"))
    ).create_indexes()
    fields = [clock_fields([clock()]), clock_fields([clock().stopped(START)])]
    await pushes.insert_many(
        {"_id": i, "recipient": "a", **fields[bool(i % 500)]} for i in range(3_000)
    )
    plan = await pushes.find(WHAT_IS_OPEN).explain()
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
    assert plan["executionStats"]["totalDocsExamined"] == 6

"""Puts the timekeeper together: what it does again and again, and how often."""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta

import structlog

from linkage_runtime.clock import now
from linkage_runtime.mongo import transient_errors
from supervision_push.adapters.mongo_clocks import MongoClocks
from supervision_push.adapters.mongo_results import result_subject
from supervision_push.adapters.push_documents import push_subject
from supervision_push.adapters.push_metrics import OVERDUE, PUSHES, WAITING, count_told
from supervision_push.application.chase_overdue import Clocks, chase_overdue
from supervision_push.application.finish_left_behind import finish_left_behind
from supervision_push.application.record_receipts import deem_receipts
from supervision_push.application.repeat import repeat
from supervision_push.bootstrap import books_of, schedule_of
from supervision_push.bootstrap_notices import LOOK_EVERY, notice_round
from supervision_push.domain.clocks import Level
from supervision_push.domain.steps import PushState
from supervision_push.wiring import Wiring

log = structlog.get_logger()

AT_ONCE = 500
"""Subjects of one round of a chase."""
EVERY_SECOND = timedelta(seconds=1)
SWEEP_EVERY = timedelta(seconds=5)
COUNT_EVERY = timedelta(seconds=15)


def timekeeping(wiring: Wiring) -> dict[str, Coroutine[None, None, None]]:
    """Every task by its name; each runs until it is cancelled."""
    own = wiring.database
    return {
        "chase pushes": repeat(
            "chase pushes",
            _chase(wiring, MongoClocks(own["pushes"], push_subject)),
            every=EVERY_SECOND,
        ),
        "chase results": repeat(
            "chase results",
            _chase(wiring, MongoClocks(own["results"], result_subject)),
            every=EVERY_SECOND,
        ),
        "deem receipts": repeat("deem receipts", _deem(wiring), every=EVERY_SECOND),
        "finish": repeat("finish", _finish(wiring), every=SWEEP_EVERY),
        "notify liaisons": repeat("notify liaisons", notice_round(wiring), every=LOOK_EVERY),
        "count": repeat("count", _count(wiring), every=COUNT_EVERY),
    }


def _chase(wiring: Wiring, clocks: Clocks) -> Callable[[], Awaitable[bool]]:
    async def act() -> bool:
        told = await chase_overdue(
            now(),
            AT_ONCE,
            clocks=clocks,
            catalogues=wiring.catalogues,
            publisher=wiring.publisher,
        )
        count_told(told)
        return told.subjects == AT_ONCE

    return act


def _deem(wiring: Wiring) -> Callable[[], Awaitable[bool]]:
    pushes = books_of(wiring).pushes

    async def act() -> bool:
        return await deem_receipts(now(), AT_ONCE, pushes=pushes) == AT_ONCE

    return act


def _finish(wiring: Wiring) -> Callable[[], Awaitable[bool]]:
    books, schedule = books_of(wiring), schedule_of(wiring)

    async def act() -> bool:
        finished = await finish_left_behind(
            now(),
            books=books,
            catalogues=wiring.catalogues,
            schedule=schedule,
            sweeps=[wiring.outbox.sweep, wiring.pool_outbox.sweep],
        )
        PUSHES.labels("opened").inc(finished.opened)
        if finished.any:
            log.info(
                "left behind, finished",
                returns=finished.returns,
                opened=finished.opened,
                letters=finished.letters,
            )
        return False

    return act


def _count(wiring: Wiring) -> Callable[[], Awaitable[bool]]:
    pushes, pool = wiring.database["pushes"], wiring.database["pool"]

    still_owed = {"$in": [PushState.OPEN.value, PushState.RECEIVED.value]}
    late = {"level": {"$gte": Level.OVERDUE.value}, "state": still_owed}

    async def act() -> bool:
        with transient_errors():
            OVERDUE.set(await pushes.count_documents(late))
            WAITING.set(await pool.count_documents({"waiting": True}))
        return False

    return act

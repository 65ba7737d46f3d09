"""Puts the timekeeper together: what it does again and again, and how often."""

import math
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from time import monotonic
from typing import Protocol

import structlog

from linkage_runtime.clock import day_of, now
from linkage_runtime.mongo import transient_errors
from linkage_runtime.repeat import repeat
from supervision_push.adapters.deadlines.open_clocks import count_open
from supervision_push.adapters.deadlines.open_metrics import (
    HORIZON,
    KEY_EXPIRY,
    PROVISIONAL,
    UNANSWERED,
    WAITING,
    show_authorities,
    show_open,
)
from supervision_push.adapters.pushes.push_metrics import PUSHES, count_told
from supervision_push.application.answer_escalations import raise_unanswered
from supervision_push.application.chase_overdue import chase_overdue
from supervision_push.application.clock_ports import ClockBook, Clocks
from supervision_push.application.finish_left_behind import finish_left_behind
from supervision_push.application.record_receipts import deem_receipts
from supervision_push.application.settle_deadlines import recompute_deadlines, resume_deadlines
from supervision_push.bootstrap import books_of, schedule_of
from supervision_push.bootstrap_deadlines import OWES, clocks_of, escalations_of, sweeps_of
from supervision_push.bootstrap_notices import LOOK_EVERY, notice_round
from supervision_push.domain.terms import Schedule
from supervision_push.wiring import Wiring

Act = Callable[[], Awaitable[bool]]

log = structlog.get_logger()

AT_ONCE = 500
"""Subjects of one round of a chase."""
EVERY_SECOND = timedelta(seconds=1)
SWEEP_EVERY = timedelta(seconds=5)
COUNT_EVERY = timedelta(seconds=15)
COUNT_OPEN_EVERY, COUNT_OPEN_SHARE = timedelta(seconds=30), 20
"""Counting costs with what is open: it takes no more than a twentieth of the time."""
SETTLE_EVERY = timedelta(seconds=15)
"""Pauses end with a day, and notices come once a year."""


def timekeeping(wiring: Wiring) -> dict[str, Coroutine[None, None, None]]:
    """Every task by its name; each runs until it is cancelled."""
    tasks = {
        "deem receipts": (_deem(wiring), EVERY_SECOND),
        "finish": (_finish(wiring), SWEEP_EVERY),
        "count": (_count(wiring), COUNT_EVERY),
        "count open": (_count_open(wiring), COUNT_OPEN_EVERY),
        "remind": (_remind(wiring), SETTLE_EVERY),
        "notify liaisons": (notice_round(wiring), LOOK_EVERY),
    }
    for name, clocks in clocks_of(wiring).items():
        tasks |= {
            f"chase {name}": (_chase(wiring, clocks), EVERY_SECOND),
            f"resume {name}": (_settle(wiring, clocks, resume_deadlines), SETTLE_EVERY),
            f"recompute {name}": (_settle(wiring, clocks, recompute_deadlines), SETTLE_EVERY),
        }
    return {name: repeat(name, act, every=every) for name, (act, every) in tasks.items()}


def _chase(wiring: Wiring, clocks: Clocks) -> Act:
    escalations = escalations_of(wiring)

    async def act() -> bool:
        told = await chase_overdue(
            now(),
            AT_ONCE,
            clocks=clocks,
            escalations=escalations,
            catalogues=wiring.catalogues,
            publisher=wiring.publisher,
            schedule=schedule_of(wiring),
        )
        count_told(told)
        return told.subjects == AT_ONCE

    return act


def _remind(wiring: Wiring) -> Act:
    escalations = escalations_of(wiring)

    async def act() -> bool:
        at, schedule = now(), schedule_of(wiring)
        raising = raise_unanswered(at, AT_ONCE, escalations=escalations, schedule=schedule)
        return await raising == AT_ONCE

    return act


class _Settles(Protocol):
    async def __call__(
        self, at: datetime, limit: int, *, clocks: ClockBook, schedule: Schedule
    ) -> int: ...


def _settle(wiring: Wiring, clocks: ClockBook, settle: _Settles) -> Act:
    # Its first round is at start: a year's notice that was loaded meanwhile is noticed then.
    async def act() -> bool:
        at, schedule = now(), schedule_of(wiring)
        return await settle(at, AT_ONCE, clocks=clocks, schedule=schedule) == AT_ONCE

    return act


def _deem(wiring: Wiring) -> Act:
    pushes = books_of(wiring).pushes

    async def act() -> bool:
        return await deem_receipts(now(), AT_ONCE, pushes=pushes) == AT_ONCE

    return act


def _finish(wiring: Wiring) -> Act:
    books, schedule = books_of(wiring), schedule_of(wiring)

    async def act() -> bool:
        finished = await finish_left_behind(
            now(),
            books=books,
            catalogues=wiring.catalogues,
            schedule=schedule,
            sweeps=sweeps_of(wiring),
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


def _count(wiring: Wiring) -> Act:
    pool = wiring.database["pool"]
    everybody, escalations = clocks_of(wiring).values(), escalations_of(wiring)

    async def act() -> bool:
        with transient_errors():
            WAITING.set(await pool.count_documents({"waiting": True}))
        UNANSWERED.set(await escalations.waiting())
        PROVISIONAL.set(sum([await clocks.provisional() for clocks in everybody]))
        today = day_of(now())
        expiry = await wiring.api_keys.first_expiry()
        KEY_EXPIRY.set(expiry.timestamp() if expiry else math.inf)
        HORIZON.set((wiring.calendar.known_until(today) - today).total_seconds())
        return False

    return act


def _count_open(wiring: Wiring) -> Act:
    rest_until = 0.0

    async def act() -> bool:
        nonlocal rest_until
        begun = monotonic()
        if begun < rest_until:
            return False
        at, authorities = now(), (await wiring.catalogues.in_force()).authorities
        found = [
            one
            for name, owes in OWES.items()
            for one in await count_open(wiring.database[name], owes, at)
        ]
        show_authorities(authorities)
        show_open(authorities, found, at)
        rest_until = monotonic() + COUNT_OPEN_SHARE * (monotonic() - begun)
        return False

    return act

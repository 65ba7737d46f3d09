"""What is measured: each profile is a load, and which processes are on."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

from linkage_runtime.stack.folder import StackFolder
from tests.another import another
from tests.benchmark.bulk import grow, imported
from tests.benchmark.ends import Closed, Delivered
from tests.benchmark.load import Plan
from tests.benchmark.measures import Measured, measured
from tests.benchmark.stage import EVERYTHING, PUSH_PATH, stage

Profile = Callable[[StackFolder, str, Callable[[str], None]], Sequence[Measured]]

_WARM_UP = 500
_MISSED = 18_000
_SIZES = (10_000, int(os.environ.get("STORED", "1000000")))
_WORKERS = (1, 2, 4)
_ROWS = int(os.environ.get("ROWS", "500000"))


def peer(folder: StackFolder, broker: str, tell: Callable[[str], None]) -> list[Measured]:
    """The push path alone, under the load that comparable gateways were measured with."""
    return _posts(folder, broker, tell, PUSH_PATH)


def everything(folder: StackFolder, broker: str, tell: Callable[[str], None]) -> list[Measured]:
    """The same load with the ledger, the clocks and credit on."""
    return _posts(folder, broker, tell, EVERYTHING)


def _posts(
    folder: StackFolder, broker: str, tell: Callable[[str], None], processes: Sequence[str]
) -> list[Measured]:
    with stage(folder, broker=broker, processes=processes, tell=tell) as ready:
        found = [ready.measure("warm-up, not counted", ready.plan(_WARM_UP))]

        def then(name: str, plan: Plan) -> None:
            found.append(ready.measure(name, plan.behind(sum(one.decisions for one in found))))

        ready.deliver_in(1)
        then("posted singly, one to a webhook", ready.plan(5_000))
        ready.deliver_in(100)
        then("posted singly", ready.plan(5_000))
        then("posted in batches of 500", ready.plan(20_000, batch=500, publishers=4))
        then("200/s by the clock", ready.plan(4_000, rate=200.0))
        return found[1:]


def loops(folder: StackFolder, broker: str, tell: Callable[[str], None]) -> list[Measured]:
    """Both loops to their end: signed for, enrolled, inspected, received, acted on, told."""
    with stage(folder, broker=broker, processes=EVERYTHING, tell=tell) as ready, ready.followed():
        end = Closed(ready.stack.kafka)
        warm = ready.plan(100, batch=50, publishers=2)
        found = [ready.measure("warm-up, not counted", warm, end)]
        most = ready.plan(1_000, batch=100, publishers=4).behind(100)
        found.append(ready.measure("as fast as they come", most, end))
        steady = ready.plan(300, rate=5.0).behind(1_100)
        found.append(ready.measure("5/s by the clock", steady, end))
        return found[1:]


def catch_up(folder: StackFolder, broker: str, tell: Callable[[str], None]) -> list[Measured]:
    """The push worker and the deliverer were away for an hour, and come back to its decisions.

    An hour of 5 decisions a second: what a city of some fifty counties emits in working time.
    """
    away = ("supervision-push.worker", "supervision-push.deliverer")
    with stage(folder, broker=broker, processes=PUSH_PATH, tell=tell) as ready:
        ready.measure("warm-up, not counted", ready.plan(_WARM_UP))
        for name in away:
            ready.services.running[name].child.stop()
        missed = ready.plan(_MISSED, batch=500, publishers=2).behind(_WARM_UP)
        backlog = ready.post(missed)
        back_at, before = time.time(), ready.used()
        for name in away:
            ready.services.running[name].start()
        behind = ready.plan(600, rate=20.0).behind(_WARM_UP + _MISSED)
        following = ready.measure("20/s behind it", behind, waiting=len(backlog))
        # All CPU since the return is the backlog's here, that of the 600 behind it too.
        used, arrived = ready.used(since=before), Delivered(ready.receiver).stages()
        caught_up = measured(f"backlog of {_MISSED:,}", backlog, arrived, used, since=back_at)
        return [caught_up, following]


def growth(folder: StackFolder, broker: str, tell: Callable[[str], None]) -> list[Measured]:
    """What a decision costs with few and with many stored: it must stay the same."""
    found: list[Measured] = []
    posted = stored = 0
    with stage(folder, broker=broker, processes=PUSH_PATH, tell=tell) as ready:

        def measure(name: str, decisions: int) -> Measured:
            nonlocal posted
            plan = ready.plan(decisions, batch=100, publishers=4).behind(posted)
            posted += decisions
            return ready.measure(name, plan)

        for size in _SIZES:
            # What came last is what the others are made like.
            measure("warm-up, not counted", _WARM_UP)
            grow(ready.stack.mongo, stored, size, tell)
            stored = size
            found.append(measure(f"with {size:,} stored", 5_000))
    return found


def workers(folder: StackFolder, broker: str, tell: Callable[[str], None]) -> list[Measured]:
    """One, two and four push workers of one group on the same cores: what sharing costs."""
    found: list[Measured] = []
    with (
        stage(folder, broker=broker, processes=PUSH_PATH, tell=tell) as ready,
        ExitStack() as joined,
    ):
        first = ready.services.running["supervision-push.worker"]
        for number in range(1, 5):
            if number > 1:
                label = f"supervision-push.worker.{number}"
                joined.enter_context(another(first, ready.folder, label))
            if number in _WORKERS:
                posted = sum(one.decisions for one in found)
                name = f"{number} push workers"
                found.append(ready.measure(f"{name}, warming up", ready.plan(500).behind(posted)))
                load = ready.plan(10_000, batch=500, publishers=4).behind(posted + 500)
                found.append(ready.measure(name, load))
    return found[1::2]


def import_(folder: StackFolder, broker: str, tell: Callable[[str], None]) -> list[Measured]:
    """A table of 500,000 rows (ROWS), imported as a department would, everything on."""
    with stage(folder, broker=broker, processes=EVERYTHING, tell=tell) as ready:
        return [imported(ready, _ROWS)]


PROFILES: Mapping[str, Profile] = {
    "peer": peer,
    "everything": everything,
    "loops": loops,
    "catch-up": catch_up,
    "growth": growth,
    "workers": workers,
    "import": import_,
}

PROGRAMS: Mapping[str, str] = {
    "subscriptions": "tests.benchmark.deliveries",
    "credit": "tests.benchmark.credit",
}
"""Profiles that need no whole stack, and print their figures themselves."""

"""What is measured: each profile is a load, and which processes are on."""

from collections.abc import Callable, Mapping, Sequence

from linkage_runtime.stack.folder import StackFolder
from tests.benchmark.load import Plan
from tests.benchmark.measures import Measured
from tests.benchmark.stage import EVERYTHING, PUSH_PATH, stage

Profile = Callable[[StackFolder, str, Callable[[str], None]], Sequence[Measured]]

_WARM_UP = 500


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


PROFILES: Mapping[str, Profile] = {"peer": peer, "everything": everything}

PROGRAMS: Mapping[str, str] = {
    "subscriptions": "tests.benchmark.deliveries",
    "credit": "tests.benchmark.credit",
}
"""Profiles that need no whole stack, and print their figures themselves."""

"""What is measured: each profile is a load, and which processes are on."""

from collections.abc import Callable, Mapping, Sequence

from linkage_runtime.stack.folder import StackFolder
from tests.benchmark.load import Plan
from tests.benchmark.measures import Measured
from tests.benchmark.stage import EVERYTHING, PUSH_PATH, Stage, stage

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
        loads = (
            ("warm-up, not counted", ready.plan(_WARM_UP)),
            ("16 publishers, posted singly", ready.plan(5_000)),
            ("4 publishers, batches of 500", ready.plan(20_000, batch=500, publishers=4)),
            ("200/s by the clock, posted singly", ready.plan(4_000, rate=200.0)),
        )
        return _one_after_another(ready, loads)[1:]


def _one_after_another(ready: Stage, loads: Sequence[tuple[str, Plan]]) -> list[Measured]:
    found, first = [], 0
    for name, plan in loads:
        numbered = plan.behind(first)
        found.append(ready.measure(name, numbered))
        first = numbered.first + numbered.decisions
    return found


PROFILES: Mapping[str, Profile] = {"peer": peer, "everything": everything}

"""Figures from what was seen: rates, exact percentiles, use of each process per 1,000 decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.benchmark.load import Posted
from tests.benchmark.usage import Usage

_NOT_OURS = ("receiver", "followers", "importer")
_QUANTILES = (0.5, 0.9, 0.99, 0.999, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One load, from the first decision due to the last delivered; latencies in milliseconds."""

    name: str
    decisions: int
    seconds: float
    per_second: float
    accepted_per_second: float
    latency: Mapping[str, Mapping[str, float]]
    """By stage, each from when the decision was due, by quantile; the last is the end."""
    cpu_ms: Mapping[str, float]
    """CPU milliseconds for each decision, by process."""
    memory_mb: Mapping[str, float]
    written_kb: Mapping[str, float]
    """Kilobytes written to disk for each decision, by process."""


def cpu_ms_in_all(used: Mapping[str, float]) -> float:
    """Of the system: the load and the organisations' own programs are not in it."""
    return sum(ms for name, ms in used.items() if name not in _NOT_OURS)


def measured(
    name: str,
    posted: Sequence[Posted],
    stages: Mapping[str, Mapping[str, float]],
    used: Mapping[str, Usage],
    since: float | None = None,
) -> Measured:
    """What one load came to.

    Args:
        name: the load.
        posted: what was accepted.
        stages: when each decision came to each stage, in seconds since the epoch, by its id; the
            last stage is the end.
        used: by process.
        since: when the work on them could begin, if that was not when the first was due.
    """
    begun = min(one.due for one in posted)
    ended = [*stages.values()][-1]
    seconds = max(ended[one.decision_id] for one in posted) - (since or begun)
    count = len(posted)
    return Measured(
        name=name,
        decisions=count,
        seconds=seconds,
        per_second=count / seconds,
        accepted_per_second=count / (max(one.accepted for one in posted) - begun),
        latency={
            "accepted": _percentiles([one.accepted - one.due for one in posted]),
            **{
                stage: _percentiles([reached[one.decision_id] - one.due for one in posted])
                for stage, reached in stages.items()
            },
        },
        cpu_ms={process: use.cpu_seconds * 1_000 / count for process, use in used.items()},
        memory_mb={process: use.memory_bytes / 2**20 for process, use in used.items()},
        written_kb={process: use.written_bytes / 1_000 / count for process, use in used.items()},
    )


def _percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Exact: every value is kept, none is put into a bucket."""
    ordered = sorted(seconds)
    last = len(ordered) - 1
    return {f"p{q * 100:g}": ordered[round(q * last)] * 1_000 for q in _QUANTILES}

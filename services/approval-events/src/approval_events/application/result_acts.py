"""What the three acts on results share: judge each, admit what may be done, publish, answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from approval_events.application.ports import Measurements
from approval_events.application.result_ports import Admission, IncomingResults
from approval_events.domain.result_acts import (
    IncomingResult,
    NotYetKnownError,
    NotYoursError,
    OutOfOrderError,
    RefusedActError,
)

Propose = Callable[[IncomingResult], Admission | None]
"""The act on one result; ``None`` if it is done already; raises OutOfOrderError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: an organisation's key, and in whose name it may."""

    organisation: str
    authorities: frozenset[str]


@dataclass(slots=True)
class Acts:
    """The outcome by result id."""

    done: list[str] = field(default_factory=list)
    refused: list[RefusedActError] = field(default_factory=list)


async def admit_acts(
    result_ids: Sequence[str],
    propose: Propose,
    *,
    actor: Actor,
    results: IncomingResults,
) -> tuple[Acts, list[IncomingResult]]:
    """Do what may be done: one conditional write each, then publish.

    Returns:
        The outcome, and the results that were acted on just now.
    """
    wanted = list(dict.fromkeys(result_ids))
    known = await results.find(wanted)
    acts, admissions = _judge(wanted, known, propose, actor)
    if admissions and await results.admit(admissions) < len(admissions):
        # Somebody was faster with some. Judged again: the same act is done, another is refused.
        ids = [admission.result_id for admission in admissions]
        again, undone = _judge(ids, await results.find(ids), propose, actor)
        acts.refused += again.refused
        acts.refused += [OutOfOrderError(left.result_id, "请重试", "try again") for left in undone]
        acts.done += again.done
    else:
        acts.done += [admission.result_id for admission in admissions]
    await results.publish(acts.done)
    acted = {admission.result_id for admission in admissions} & set(acts.done)
    return acts, [known[id_] for id_ in wanted if id_ in acted]


def measure_gap(
    name: str, acted: Sequence[IncomingResult], at: datetime, measurements: Measurements
) -> None:
    """How long each of these results waited."""
    for result in acted:
        measurements.gap(name, result.recorded_at, at)


def _judge(
    result_ids: Sequence[str],
    known: Mapping[str, IncomingResult],
    propose: Propose,
    actor: Actor,
) -> tuple[Acts, list[Admission]]:
    acts, admissions = Acts(), []
    for result_id in result_ids:
        try:
            admission = propose(_own(result_id, known, actor))
        except RefusedActError as refusal:
            acts.refused.append(refusal)
        else:
            if admission is None:
                acts.done.append(result_id)
            else:
                admissions.append(admission)
    return acts, admissions


def _own(result_id: str, known: Mapping[str, IncomingResult], actor: Actor) -> IncomingResult:
    result = known.get(result_id)
    if result is None:
        raise NotYetKnownError(
            result_id, "没有此监管结果,或尚未入账", "no such result, or not yet: try again"
        )
    if result.authority not in actor.authorities | {actor.organisation}:
        raise NotYoursError(result_id, "不是本机关的监管结果", "it goes back to another authority")
    return result

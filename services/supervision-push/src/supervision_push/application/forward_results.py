"""Forward results (the second push): keep each, tell the bureau whose licence it concerns."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from linkage_contracts.codes import Clock
from linkage_contracts.feeds import ResultForwardedEntry
from linkage_contracts.ids import breach_id, stable_id
from linkage_contracts.notices import ResultNotice
from linkage_contracts.progress import Forwarded, ResultForwarded
from linkage_contracts.results import AnyResultEvent, CommitmentBroken
from linkage_contracts.topics import FEEDS, PROGRESS
from supervision_push.application.announcements import SYSTEM, passed_on
from supervision_push.application.ports import Publisher
from supervision_push.application.result_ports import NewResult, ResultBook
from supervision_push.domain.clocks import RunningClock
from supervision_push.domain.terms import Schedule, start_clock


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundResult:
    """A result as it stands on the log."""

    event: AnyResultEvent
    body: bytes


async def forward_results(
    found: Sequence[FoundResult],
    *,
    results: ResultBook,
    publish: Publisher,
    schedule: Schedule,
    clock: Callable[[], datetime],
) -> None:
    """Store what is new, then tell the bureaus, then tell the ledger that they were told.

    A result without a decision stays a fact about its party: credit reads it, no bureau owes
    an answer.
    """
    new = [
        NewResult(event=one.event, body=one.body, clocks=clocks_of(one.event, schedule))
        for one in found
    ]
    kept_aside = await results.add(new)
    at = clock()
    standing = [one for one in new if one.identity not in kept_aside]
    await publish.publish(FEEDS, [entry for one in standing for entry in _entries(one, at)])
    await publish.publish(PROGRESS, [told for one in standing for told in _told(one, at)])


def clocks_of(event: AnyResultEvent, schedule: Schedule) -> tuple[RunningClock, ...]:
    """What the bureau owes: a receipt, and a report where it was asked to act."""
    if event.data.authority is None:
        return ()
    start = partial(start_clock, started_at=event.recordedtime, schedule=schedule)
    receipt = start(Clock.RESULT_RECEIPT)
    request = event.data.request
    return (
        (receipt, start(Clock.ACTION_REPORT, due_on=request.report_by)) if request else (receipt,)
    )


def _entries(result: NewResult, at: datetime) -> Iterator[ResultForwardedEntry]:
    event, authority = result.event, result.event.data.authority
    if authority is None:
        return
    notice = ResultNotice(
        clocks=tuple(clock.notice for clock in result.clocks),
        found=event,
        breach_id=breach_id(event.data.result_id) if _raises_breach(event) else None,
    )
    yield passed_on(ResultForwardedEntry, event, authority, notice, at)


def _raises_breach(event: AnyResultEvent) -> bool:
    return isinstance(event, CommitmentBroken) and event.data.decision_id is not None


def _told(result: NewResult, at: datetime) -> Iterator[ResultForwarded]:
    event, authority = result.event, result.event.data.authority
    if authority is None:
        return
    yield ResultForwarded(
        id=stable_id("result-forwarded", event.id),
        source=event.source,
        subject=event.subject,
        time=at,
        recordedtime=at,
        partitionkey=event.partitionkey,
        emitter=SYSTEM,
        traceparent=event.traceparent,
        data=Forwarded(
            result_id=event.data.result_id,
            decision_id=event.data.decision_id,
            to=authority,
            at=at,
        ),
    )

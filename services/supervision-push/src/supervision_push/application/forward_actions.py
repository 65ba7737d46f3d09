"""Forward what was done about results and breaches to supervisors; the rest to who watches."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from linkage_contracts.actions import (
    ActionReported,
    AnyActionEvent,
    ConflictFound,
    FindingAccepted,
    FindingAnswered,
    FindingClosed,
    FindingSentBack,
    ResultReceived,
    ResultReturned,
)
from linkage_contracts.breaches import (
    BreachEvent,
    BreachFound,
    BreachHeard,
    BreachSanctioning,
    BreachWarned,
)
from linkage_contracts.catalogue import Catalogue
from linkage_contracts.envelope import Event
from linkage_contracts.feeds import (
    ActionReportedEntry,
    BreachMovedEntry,
    ConflictEntry,
    FeedEntry,
    FindingAcceptedEntry,
    FindingAnsweredEntry,
    FindingClosedEntry,
    FindingSentBackEntry,
    ResultReceivedEntry,
    ResultReturnedEntry,
)
from linkage_contracts.ids import stable_id
from linkage_contracts.notices import BreachProgress
from linkage_contracts.progress import Forwarded, ReportForwarded
from linkage_contracts.topics import FEEDS, PROGRESS
from supervision_push.application.announcements import SYSTEM, passed_on
from supervision_push.application.ports import Catalogues, Publisher
from supervision_push.application.result_ports import Act, Acted, ResultBook
from supervision_push.application.watch_breaches import clock_after
from supervision_push.domain.terms import Schedule

_ResultEvent = ResultReceived | ResultReturned | ActionReported
_ACTS: dict[type[Event], tuple[Act, type[FeedEntry]]] = {
    ResultReceived: (Act.RECEIVED, ResultReceivedEntry),
    ResultReturned: (Act.RETURNED, ResultReturnedEntry),
    ActionReported: (Act.REPORTED, ActionReportedEntry),
}
_WATCHED: dict[type[Event], type[FeedEntry]] = {
    ConflictFound: ConflictEntry,
    FindingAnswered: FindingAnsweredEntry,
    FindingAccepted: FindingAcceptedEntry,
    FindingSentBack: FindingSentBackEntry,
    FindingClosed: FindingClosedEntry,
}
"""What the bureau and those who oversee it are both told."""


async def forward_actions(
    events: Sequence[AnyActionEvent],
    *,
    results: ResultBook,
    catalogues: Catalogues,
    publish: Publisher,
    schedule: Schedule,
    clock: Callable[[], datetime],
) -> None:
    """Mark the results, then tell the supervisors, then tell the ledger that reports were told."""
    await results.mark([acted for event in events for acted in _acted(event)])
    catalogue = await catalogues.in_force()
    at = clock()
    telling = _Telling(catalogue=catalogue, schedule=schedule, at=at)
    await publish.publish(FEEDS, [entry for event in events for entry in telling.entries(event)])
    await publish.publish(
        PROGRESS, [_told(event, at) for event in events if isinstance(event, ActionReported)]
    )


def _acted(event: AnyActionEvent) -> Iterator[Acted]:
    if isinstance(event, _ResultEvent):
        act, _ = _ACTS[type(event)]
        yield Acted(result_id=event.data.result_id, act=act, at=event.time)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Telling:
    """Who is told of an act, and how."""

    catalogue: Catalogue
    schedule: Schedule
    at: datetime

    def entries(self, event: AnyActionEvent) -> Iterator[FeedEntry]:
        if isinstance(event, _ResultEvent):
            _, entry_type = _ACTS[type(event)]
            yield passed_on(entry_type, event, event.data.supervisor, event.data, self.at)
        elif isinstance(event, BreachEvent):
            clock = None
            if isinstance(event, BreachHeard | BreachFound | BreachWarned):
                clock = clock_after(event, self.schedule).notice
            data = BreachProgress(step=event, clock=clock)
            for recipient in _following(event):
                yield passed_on(BreachMovedEntry, event, recipient, data, self.at)
        elif watched := _WATCHED.get(type(event)):
            for recipient in self._concerned(event.data.authority):
                yield passed_on(watched, event, recipient, event.data, self.at)

    def _concerned(self, authority: str) -> tuple[str, ...]:
        """The bureau, and those who oversee it."""
        bureau = self.catalogue.authority_by_id.get(authority)
        watching = self.catalogue.overseers(bureau.region) if bureau else self.catalogue.oversight
        return tuple(dict.fromkeys((authority, *(one.id for one in watching))))


def _following(event: BreachEvent) -> tuple[str, ...]:
    """The supervisor who raised the breach, and the authority that it was referred to."""
    step = event.data
    referred_to = step.referred_to if isinstance(step, BreachSanctioning) else None
    return tuple(dict.fromkeys((step.supervisor, *([referred_to] if referred_to else []))))


def _told(event: ActionReported, at: datetime) -> ReportForwarded:
    return ReportForwarded(
        id=stable_id("report-forwarded", event.id),
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
            to=event.data.supervisor,
            at=at,
        ),
    )

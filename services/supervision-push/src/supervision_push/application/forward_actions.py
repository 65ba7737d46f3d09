"""Forward what was done about results to supervisors; conflicts and findings to who watches."""

from collections.abc import Callable, Iterator, Sequence
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
from linkage_contracts.catalogue import Catalogue
from linkage_contracts.envelope import Event
from linkage_contracts.feeds import (
    ActionReportedEntry,
    ConflictEntry,
    FeedEntry,
    FindingAcceptedEntry,
    FindingAnsweredEntry,
    FindingClosedEntry,
    FindingSentBackEntry,
    ResultReceivedEntry,
    ResultReturnedEntry,
)
from linkage_contracts.ids import entry_id, stable_id
from linkage_contracts.progress import Forwarded, ReportForwarded
from linkage_contracts.topics import FEEDS, PROGRESS
from supervision_push.application.announcements import SYSTEM, type_of
from supervision_push.application.ports import Catalogues, Publisher
from supervision_push.application.result_ports import Act, Acted, ResultBook

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
    clock: Callable[[], datetime],
) -> None:
    """Mark the results, then tell the supervisors, then tell the ledger that reports were told."""
    await results.mark([acted for event in events for acted in _acted(event)])
    catalogue = await catalogues.in_force()
    at = clock()
    await publish.publish(FEEDS, [e for event in events for e in _entries(event, catalogue, at)])
    await publish.publish(
        PROGRESS, [_told(event, at) for event in events if isinstance(event, ActionReported)]
    )


def _acted(event: AnyActionEvent) -> Iterator[Acted]:
    if isinstance(event, _ResultEvent):
        act, _ = _ACTS[type(event)]
        yield Acted(result_id=event.data.result_id, act=act, at=event.time)


def _entries(event: AnyActionEvent, catalogue: Catalogue, at: datetime) -> Iterator[FeedEntry]:
    if isinstance(event, _ResultEvent):
        _, entry_type = _ACTS[type(event)]
        yield _entry(entry_type, event, event.data.supervisor, at)
    else:
        for recipient in _concerned(event.data.authority, catalogue):
            yield _entry(_WATCHED[type(event)], event, recipient, at)


def _concerned(authority: str, catalogue: Catalogue) -> tuple[str, ...]:
    """The bureau, and those who oversee it."""
    bureau = catalogue.authority_by_id.get(authority)
    watching = catalogue.overseers(bureau.region) if bureau else catalogue.oversight
    return tuple(dict.fromkeys((authority, *(one.id for one in watching))))


def _entry(
    entry_type: type[FeedEntry], event: AnyActionEvent, recipient: str, at: datetime
) -> FeedEntry:
    return entry_type.model_validate(
        {
            "id": entry_id(recipient, type_of(entry_type), event.id),
            "source": event.source,
            "subject": event.subject,
            "time": event.time,
            "recordedtime": at,
            "partitionkey": recipient,
            "emitter": SYSTEM,
            "traceparent": event.traceparent,
            "party": event.partitionkey,
            "data": event.data,
        }
    )


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

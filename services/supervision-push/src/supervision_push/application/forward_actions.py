"""Forward what a bureau did about results to their supervisors, and conflicts to who must know."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from linkage_contracts.actions import (
    ActionReported,
    AnyActionEvent,
    ConflictFound,
    ResultReceived,
    ResultReturned,
)
from linkage_contracts.catalogue import Catalogue
from linkage_contracts.envelope import Event
from linkage_contracts.feeds import (
    ActionReportedEntry,
    ConflictEntry,
    FeedEntry,
    ResultReceivedEntry,
    ResultReturnedEntry,
)
from linkage_contracts.ids import entry_id, stable_id
from linkage_contracts.progress import Forwarded, ReportForwarded
from linkage_contracts.topics import FEEDS, PROGRESS
from supervision_push.application.announcements import SYSTEM, type_of
from supervision_push.application.ports import Catalogues, Publisher
from supervision_push.application.result_ports import Act, Acted, ResultBook
from supervision_push.domain.routing import overseers

_ACTS: dict[type[Event], tuple[Act, type[FeedEntry]]] = {
    ResultReceived: (Act.RECEIVED, ResultReceivedEntry),
    ResultReturned: (Act.RETURNED, ResultReturnedEntry),
    ActionReported: (Act.REPORTED, ActionReportedEntry),
}


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
    if not isinstance(event, ConflictFound):
        act, _ = _ACTS[type(event)]
        yield Acted(result_id=event.data.result_id, act=act, at=event.time)


def _entries(event: AnyActionEvent, catalogue: Catalogue, at: datetime) -> Iterator[FeedEntry]:
    if isinstance(event, ConflictFound):
        for recipient in _concerned(event, catalogue):
            yield _entry(ConflictEntry, event, recipient, at)
    else:
        _, entry_type = _ACTS[type(event)]
        yield _entry(entry_type, event, event.data.supervisor, at)


def _concerned(event: ConflictFound, catalogue: Catalogue) -> tuple[str, ...]:
    """The bureau, and those who oversee it."""
    bureau = catalogue.authority_by_id.get(event.data.authority)
    watching = overseers(catalogue, bureau.region) if bureau else catalogue.oversight
    return tuple(dict.fromkeys((event.data.authority, *(one.id for one in watching))))


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

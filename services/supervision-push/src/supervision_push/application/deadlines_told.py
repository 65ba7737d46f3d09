"""A deadline that came near its end or passed it, as it is told: on the log, and to whom."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from linkage_contracts.deadlines import Deadline, DeadlineEscalated, DeadlineOverdue, DeadlineWarned
from linkage_contracts.feeds import EscalatedEntry, OverdueEntry, WarnedEntry
from linkage_contracts.ids import entry_id
from linkage_contracts.topics import FEEDS, PROGRESS
from supervision_push.application.announcements import SYSTEM, source, type_of
from supervision_push.application.ports import Letter
from supervision_push.domain.clocks import Level

_PROGRESS: Mapping[Level, type[DeadlineWarned | DeadlineOverdue | DeadlineEscalated]] = {
    Level.WARNED: DeadlineWarned,
    Level.OVERDUE: DeadlineOverdue,
    Level.ESCALATED: DeadlineEscalated,
    Level.ESCALATED_AGAIN: DeadlineEscalated,
}
_ENTRY: Mapping[Level, type[WarnedEntry | OverdueEntry | EscalatedEntry]] = {
    Level.WARNED: WarnedEntry,
    Level.OVERDUE: OverdueEntry,
    Level.ESCALATED: EscalatedEntry,
    Level.ESCALATED_AGAIN: EscalatedEntry,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Which event it is, about whose matter, when it occurred, and when it is told."""

    id: str
    party: str
    occurred: datetime
    at: datetime


def deadline_told(
    deadline: Deadline, level: Level, recipients: Iterable[str], telling: Telling
) -> Iterator[Letter]:
    """The same, on the log once and on each one's feed."""
    told: dict[str, object] = {
        "id": telling.id,
        "source": source(deadline.organisation),
        "subject": _subject(deadline),
        "time": telling.occurred,
        "recordedtime": telling.at,
        "partitionkey": telling.party,
        "emitter": SYSTEM,
        "data": deadline,
    }
    yield PROGRESS, _PROGRESS[level].model_validate(told)
    entry = _ENTRY[level]
    for recipient in dict.fromkeys(recipients):
        on_feed = {
            "id": entry_id(recipient, type_of(entry), telling.id),
            "partitionkey": recipient,
            "party": telling.party,
        }
        yield FEEDS, entry.model_validate(told | on_feed)


def _subject(deadline: Deadline) -> str | None:
    """What it is about; a case concerns facts, and no decision."""
    return deadline.decision_id or deadline.push_id or deadline.result_id or deadline.case_id

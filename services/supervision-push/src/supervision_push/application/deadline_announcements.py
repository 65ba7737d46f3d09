"""What is told of a deadline that is not what it was: to who owes, to the other side, and on."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from linkage_contracts.deadlines import DeadlineChange, DeadlineChanged
from linkage_contracts.feeds import DeadlineChangedEntry
from linkage_contracts.ids import entry_id, stable_id
from linkage_contracts.topics import FEEDS, PROGRESS
from linkage_runtime.clock import day_of
from supervision_push.application.announcements import SYSTEM, source, type_of
from supervision_push.application.clock_ports import Moved, Subject
from supervision_push.application.ports import Letter
from supervision_push.domain.clocks import RunningClock


def moved(subject: Subject, clocks: Sequence[RunningClock], at: datetime) -> Moved:
    """The subject with its clocks as they are now, in the same order, and all that is told."""
    pairs = zip(subject.clocks, clocks, strict=True)
    return Moved(
        subject=subject,
        clocks=tuple(clocks),
        letters=tuple(
            letter for before, after in pairs for letter in _letters(subject, before, after, at)
        ),
    )


def _letters(
    subject: Subject, before: RunningClock, after: RunningClock, at: datetime
) -> Iterator[Letter]:
    for number in range(len(before.moves), len(after.moves)):
        told = _told(subject, after, number, at)
        yield PROGRESS, DeadlineChanged(**told)
        for recipient in dict.fromkeys((subject.organisation, subject.counterpart)):
            if recipient is not None:
                on_feed = {
                    "id": entry_id(recipient, type_of(DeadlineChangedEntry), told["id"]),
                    "partitionkey": recipient,
                    "party": subject.party,
                }
                yield FEEDS, DeadlineChangedEntry(**(told | on_feed))


def _told(subject: Subject, clock: RunningClock, number: int, at: datetime) -> dict[str, Any]:
    move = clock.moves[number]
    return {
        # The how-many-eth move of this clock: whoever repeats it makes the same id. A finding's
        # clock is another in every round, and starts later.
        "id": stable_id(
            "deadline-changed",
            *(subject.key, clock.clock, clock.started_at.isoformat(), str(number)),
        ),
        "source": source(subject.organisation),
        "subject": subject.about.decision_id or subject.key,
        "time": move.at,
        "recordedtime": at,
        "partitionkey": subject.party,
        "emitter": move.organisation or SYSTEM,
        "data": DeadlineChange(
            **dict(subject.about),
            organisation=subject.organisation,
            clock=clock.clock,
            cause=move.cause,
            was_due_on=move.was_due_on,
            due_on=move.due_on,
            provisional=clock.provisional,
            resumes_by=move.resumes_at and day_of(move.resumes_at),
            actor=move.organisation or SYSTEM,
            by=move.by,
            reason=move.reason,
            ground=move.ground,
        ),
    }

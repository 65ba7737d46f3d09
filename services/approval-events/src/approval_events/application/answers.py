"""What a sender is told about each row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from approval_events.domain.case import Unverified
from approval_events.domain.differences import Difference
from approval_events.domain.submission import Submission
from linkage_contracts.decisions import Irregularity
from linkage_runtime.faults import Fault

Status = Literal["accepted", "known", "conflict", "rejected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row as read: a submission, or why it is none."""

    number: int
    submission: Submission | None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The outcome for one row."""

    row: int
    status: Status
    decision_id: str | None = None
    event_id: str | None = None
    irregularities: Sequence[Irregularity] = ()
    faults: Sequence[Fault] = ()
    differences: Sequence[Difference] = ()
    unverified: Unverified | None = None
    """Set where the decision uses commitment or tolerance and credit could not be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emitter:
    """Who sends, and in whose name it may."""

    organisation: str
    authorities: frozenset[str]


def rejected(row: int, faults: Sequence[Fault]) -> Answer:
    """Turned away at the door."""
    return Answer(row=row, status="rejected", faults=faults)


def recorded(
    row: int,
    status: Literal["known", "conflict"],
    *,
    decision_id: str,
    event_id: str,
    differences: Sequence[Difference] = (),
) -> Answer:
    """Something stands under this number and date already."""
    return Answer(
        row=row,
        status=status,
        decision_id=decision_id,
        event_id=event_id,
        differences=differences,
    )

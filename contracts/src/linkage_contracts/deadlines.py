"""Deadlines, as they stand on the topic of progress: told of, moved, escalated and answered."""

from datetime import date
from typing import Literal

from linkage_contracts.codes import Clock, DeadlineCause
from linkage_contracts.envelope import Event, Value
from linkage_contracts.ids import Id


class DeadlineRef(Value):
    """What a clock runs on."""

    decision_id: Id | None = None
    push_id: Id | None = None
    result_id: Id | None = None
    finding_id: Id | None = None
    breach_id: Id | None = None
    supplement_id: Id | None = None
    case_id: Id | None = None


class Deadline(DeadlineRef):
    """A clock that came near its end, or passed it."""

    organisation: str
    """Who owes."""
    clock: Clock
    due_on: date
    level: int = 0
    escalated_to: str | None = None
    escalation_id: Id | None = None
    """What the one who owes answers to (督办答复); set on escalations alone."""
    reminder: int | None = None
    """The how-many-eth time that an unanswered escalation is raised again."""


class DeadlineChange(DeadlineRef):
    """A clock that stands still, runs again, or ends on another day than was told."""

    organisation: str
    """Who owes."""
    clock: Clock
    cause: DeadlineCause
    was_due_on: date
    due_on: date
    """Of a clock that stands still the day as it was; resuming moves it."""
    provisional: bool = False
    resumes_by: date | None = None
    """Of a clock that stands still: the day after which it runs again by itself."""
    actor: str
    """Who changed it: the one who owes, its oversight, or ``linkage``."""
    by: str | None = None
    reason: str | None = None
    ground: str | None = None


class EscalationAnswer(DeadlineRef):
    """督办答复: why it is late, and what is done about it."""

    escalation_id: Id
    organisation: str
    """Who owes, and answers."""
    clock: Clock
    due_on: date
    by: str
    explanation: str
    measures: str


class DeadlineWarned(Event):
    """预警: before the breach."""

    type: Literal["linkage.deadline.warned.v1"] = "linkage.deadline.warned.v1"
    data: Deadline


class DeadlineOverdue(Event):
    """催办: the deadline passed."""

    type: Literal["linkage.deadline.overdue.v1"] = "linkage.deadline.overdue.v1"
    data: Deadline


class DeadlineEscalated(Event):
    """督办: it is now the superior's business too."""

    type: Literal["linkage.deadline.escalated.v1"] = "linkage.deadline.escalated.v1"
    data: Deadline


class DeadlineChanged(Event):
    """中止, 恢复, 延期, 重新计算: a deadline is not what it was."""

    type: Literal["linkage.deadline.changed.v1"] = "linkage.deadline.changed.v1"
    data: DeadlineChange


class EscalationAnswered(Event):
    """督办答复: the one who owes explained itself."""

    type: Literal["linkage.escalation.answered.v1"] = "linkage.escalation.answered.v1"
    data: EscalationAnswer

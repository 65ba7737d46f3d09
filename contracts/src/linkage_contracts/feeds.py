"""Topic ``linkage.feeds.v1``: all that an organisation, bureau or supervisor, is told."""

from typing import Annotated, Literal

from pydantic import Field

from linkage_contracts.actions import (
    Conflict,
    FindingAcceptance,
    FindingAnswer,
    FindingClosure,
    FindingReturn,
    Reception,
    Refusal,
    Report,
)
from linkage_contracts.deadlines import Deadline, DeadlineChange, EscalationAnswer
from linkage_contracts.envelope import Event
from linkage_contracts.notices import (
    BreachProgress,
    CaseProgress,
    ChangedFacts,
    IrregularityNotice,
    PushNotice,
    ResultNotice,
)
from linkage_contracts.progress import Recalled


class FeedEntry(Event):
    """What all entries share; ``partitionkey`` is the recipient."""

    party: str | None = None
    """The party's key, so that a reader can keep order per party."""


class PushOpenedEntry(FeedEntry):
    """A push was opened for this authority."""

    type: Literal["linkage.feed.push-opened.v1"] = "linkage.feed.push-opened.v1"
    data: PushNotice


class PushRecalledEntry(FeedEntry):
    """A push was recalled: nothing is owed for it any more."""

    type: Literal["linkage.feed.push-recalled.v1"] = "linkage.feed.push-recalled.v1"
    data: Recalled


class ResultForwardedEntry(FeedEntry):
    """A result came back."""

    type: Literal["linkage.feed.result-forwarded.v1"] = "linkage.feed.result-forwarded.v1"
    data: ResultNotice


class ResultReceivedEntry(FeedEntry):
    """The bureau signed for the result."""

    type: Literal["linkage.feed.result-received.v1"] = "linkage.feed.result-received.v1"
    data: Reception


class ResultReturnedEntry(FeedEntry):
    """The bureau returned the result."""

    type: Literal["linkage.feed.result-returned.v1"] = "linkage.feed.result-returned.v1"
    data: Refusal


class ActionReportedEntry(FeedEntry):
    """The bureau reported what it did."""

    type: Literal["linkage.feed.action-reported.v1"] = "linkage.feed.action-reported.v1"
    data: Report


class WarnedEntry(FeedEntry):
    """预警."""

    type: Literal["linkage.feed.warned.v1"] = "linkage.feed.warned.v1"
    data: Deadline


class OverdueEntry(FeedEntry):
    """催办."""

    type: Literal["linkage.feed.overdue.v1"] = "linkage.feed.overdue.v1"
    data: Deadline


class EscalatedEntry(FeedEntry):
    """督办."""

    type: Literal["linkage.feed.escalated.v1"] = "linkage.feed.escalated.v1"
    data: Deadline


class DeadlineChangedEntry(FeedEntry):
    """中止, 恢复, 延期, 重新计算: to the one who owes and to the other side."""

    type: Literal["linkage.feed.deadline-changed.v1"] = "linkage.feed.deadline-changed.v1"
    data: DeadlineChange


class EscalationAnsweredEntry(FeedEntry):
    """督办答复, to whom it was escalated."""

    type: Literal["linkage.feed.escalation-answered.v1"] = "linkage.feed.escalation-answered.v1"
    data: EscalationAnswer


class IrregularEntry(FeedEntry):
    """A decision breaks a rule of approval."""

    type: Literal["linkage.feed.irregular.v1"] = "linkage.feed.irregular.v1"
    data: IrregularityNotice


class ConflictEntry(FeedEntry):
    """Two contents stand under one number and date."""

    type: Literal["linkage.feed.conflict.v1"] = "linkage.feed.conflict.v1"
    data: Conflict


class FindingAnsweredEntry(FeedEntry):
    """A bureau answered a finding."""

    type: Literal["linkage.feed.finding-answered.v1"] = "linkage.feed.finding-answered.v1"
    data: FindingAnswer


class FindingAcceptedEntry(FeedEntry):
    """An answer to a finding was accepted."""

    type: Literal["linkage.feed.finding-accepted.v1"] = "linkage.feed.finding-accepted.v1"
    data: FindingAcceptance


class FindingSentBackEntry(FeedEntry):
    """An answer to a finding was sent back."""

    type: Literal["linkage.feed.finding-sent-back.v1"] = "linkage.feed.finding-sent-back.v1"
    data: FindingReturn


class FindingClosedEntry(FeedEntry):
    """A finding closed by itself."""

    type: Literal["linkage.feed.finding-closed.v1"] = "linkage.feed.finding-closed.v1"
    data: FindingClosure


class BreachMovedEntry(FeedEntry):
    """A breach of a commitment went one step further."""

    type: Literal["linkage.feed.breach-moved.v1"] = "linkage.feed.breach-moved.v1"
    data: BreachProgress


class CaseMovedEntry(FeedEntry):
    """An application for credit repair, or an objection, was filed, decided or withdrawn."""

    type: Literal["linkage.feed.case-moved.v1"] = "linkage.feed.case-moved.v1"
    data: CaseProgress


class FactsChangedEntry(FeedEntry):
    """Facts that this organisation knows count no longer, or again: stop or resume their use."""

    type: Literal["linkage.feed.facts-changed.v1"] = "linkage.feed.facts-changed.v1"
    data: ChangedFacts


AnyFeedEntry = Annotated[
    PushOpenedEntry
    | PushRecalledEntry
    | ResultForwardedEntry
    | ResultReceivedEntry
    | ResultReturnedEntry
    | ActionReportedEntry
    | WarnedEntry
    | OverdueEntry
    | EscalatedEntry
    | DeadlineChangedEntry
    | EscalationAnsweredEntry
    | IrregularEntry
    | ConflictEntry
    | FindingAnsweredEntry
    | FindingAcceptedEntry
    | FindingSentBackEntry
    | FindingClosedEntry
    | BreachMovedEntry
    | CaseMovedEntry
    | FactsChangedEntry,
    Field(discriminator="type"),
]

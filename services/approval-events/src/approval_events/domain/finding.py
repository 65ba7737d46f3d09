"""A finding (预警纠错): one breach of one rule of approval, and what became of it.

Warned to the bureau and to oversight, answered with a correction or an explanation, then accepted
or sent back, which begins another round; escalated where no answer came in time; closed by itself
when a later version of the decision breaks the rule no more. Like a linkage it is what its facts
say, whatever order they arrive in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from approval_events.domain.facts import Fact, FactKind
from approval_events.domain.matter import Matter
from approval_events.domain.refusals import OutOfOrderError
from linkage_contracts.codes import FindingAnswerKind, Rule
from linkage_contracts.decisions import DecisionEvent

LASTING = frozenset({Rule.PUSHED_LATE, Rule.DECIDED_AFTER_PROMISE, Rule.DECIDED_AFTER_LEGAL_TERM})
"""Lateness has happened: no later version undoes it, it can only be explained."""
KINDS = frozenset(
    {
        *(FactKind.FINDING_RAISED, FactKind.FINDING_ANSWERED, FactKind.FINDING_SENT_BACK),
        *(FactKind.FINDING_ACCEPTED, FactKind.FINDING_CLOSED, FactKind.ESCALATED),
    }
)
"""The facts that a finding is made of."""


class FindingState(StrEnum):
    """Where a finding stands."""

    WARNED = "warned"
    ESCALATED = "escalated"
    ANSWERED = "answered"
    SENT_BACK = "sent_back"
    ACCEPTED = "accepted"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a bureau says to a finding."""

    by: str
    kind: FindingAnswerKind
    note: str
    act_document_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Matter):
    """One finding with all facts about it; ``facts`` hold a raised fact first of all."""

    finding_id: str

    @property
    def raised(self) -> Fact | None:
        """The breach itself; ``None`` while only what was done about it is known."""
        return self.first(FactKind.FINDING_RAISED)

    @property
    def round(self) -> int:
        """Which answer is due, or was given last: 0 until one was sent back."""
        sent_back = self.of(FactKind.FINDING_SENT_BACK)
        return max((int(fact.detail["round"]) + 1 for fact in sent_back), default=0)

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be done about it."""
        return self.state in {FindingState.ACCEPTED, FindingState.CLOSED}

    @property
    def state(self) -> FindingState:
        """See ``FindingState``: the last that applies."""
        if self.of(FactKind.FINDING_ACCEPTED):
            return FindingState.ACCEPTED
        if self.of(FactKind.FINDING_CLOSED):
            return FindingState.CLOSED
        if self._in_round(FactKind.FINDING_ANSWERED, self.round):
            return FindingState.ANSWERED
        if self._is_escalated:
            return FindingState.ESCALATED
        return FindingState.SENT_BACK if self.round else FindingState.WARNED

    def check_answerable(self, answer: Answer) -> bool:
        """Whether this answer is still to be given; ``False`` if it was given just so.

        Raises:
            OutOfOrderError: another stands, this very one was sent back, or nothing is owed.
        """
        given = self._in_round(FactKind.FINDING_ANSWERED, self.round)
        if given is not None and _said(given) == answer:
            return False
        if self.is_over:
            raise OutOfOrderError(self.finding_id, "已办结", "it is over")
        if given is not None:
            raise OutOfOrderError(
                self.finding_id, f"已由 {given.detail['by']} 答复", "somebody answered already"
            )
        before = self._in_round(FactKind.FINDING_ANSWERED, self.round - 1)
        if before is not None and _said(before) == answer:
            raise OutOfOrderError(
                self.finding_id,
                "此答复已被退回,请更正或补充后再报",
                "this very answer was sent back: mend it first",
            )
        return True

    def check_acceptable(self, overseer: str, by: str) -> bool:
        """Whether the answer is still to be accepted; ``False`` if this clerk has done it.

        Raises:
            OutOfOrderError: there is no answer to accept, or not any more.
        """
        done = self.first(FactKind.FINDING_ACCEPTED)
        if done is not None and (done.detail["overseer"], done.detail["by"]) == (overseer, by):
            return False
        self._refuse_unless_answered()
        return True

    def check_returnable(self, overseer: str, by: str, reason: str) -> bool:
        """Whether the answer is still to be sent back; ``False`` if it was sent back just so.

        Raises:
            OutOfOrderError: there is no answer to send back, or not any more.
        """
        last = self._in_round(FactKind.FINDING_SENT_BACK, self.round - 1)
        wanted = {"overseer": overseer, "by": by, "reason": reason}
        is_unanswered = self._in_round(FactKind.FINDING_ANSWERED, self.round) is None
        if last is not None and is_unanswered and wanted.items() <= last.detail.items():
            return False
        self._refuse_unless_answered()
        return True

    def _refuse_unless_answered(self) -> None:
        if self.is_over:
            raise OutOfOrderError(self.finding_id, "已办结", "it is over")
        if self.state is not FindingState.ANSWERED:
            raise OutOfOrderError(
                self.finding_id, "审批部门尚未答复", "the bureau has not answered yet"
            )

    @property
    def _is_escalated(self) -> bool:
        """Whether it was escalated since an answer is owed.

        A reminder is no escalation of its own, and may be of one of an earlier round.
        """
        began = self._in_round(FactKind.FINDING_SENT_BACK, self.round - 1) or self.raised
        escalations = [one for one in self.of(FactKind.ESCALATED) if "reminder" not in one.detail]
        return any(began is None or fact.at >= began.at for fact in escalations)

    def _in_round(self, kind: FactKind, number: int) -> Fact | None:
        return next((fact for fact in self.of(kind) if fact.detail["round"] == number), None)


def correction_of(finding: Finding, versions: Sequence[DecisionEvent]) -> DecisionEvent | None:
    """The version of the decision that closes a finding, if there is one.

    Of all versions that come after the one that broke the rule and break it no more, the one that
    was accepted first.
    """
    raised = finding.raised
    if raised is None or raised.detail["rule"] in LASTING:
        return None
    broken = next((one for one in versions if one.id == raised.detail["decision_event_id"]), None)
    if broken is None:
        return None
    mended = [
        version
        for version in versions
        if version.subject == broken.subject
        and _order(version) > _order(broken)
        and all(found.rule != raised.detail["rule"] for found in version.data.irregularities)
    ]
    return min(mended, key=lambda one: (one.data.accepted_at, one.id), default=None)


def _order(event: DecisionEvent) -> tuple[Any, ...]:
    return event.data.effective_on, event.recordedtime, event.id


def _said(fact: Fact) -> Answer:
    detail = fact.detail
    return Answer(
        by=detail["by"],
        kind=FindingAnswerKind(detail["kind"]),
        note=detail["note"],
        act_document_number=detail.get("act_document_number"),
    )

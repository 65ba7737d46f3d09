"""The life of a push: the obligation to inform one authority of one decision event.

::

    open ──receive 签收──▶ received ──enrol 纳入监管, feed back 反馈──▶ closed
      ├──return 退回──▶ returned (it waits in the pool, or goes to somebody else as another push)
      └──recall──▶ recalled (the decision ended; also from received)

A push is closed once everything that it owes was done. Every step may be repeated: a second,
equal one changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from linkage_contracts.codes import Clock, Duty, ReceiptPolicy
from linkage_contracts.decisions import Item
from linkage_runtime.errors import PermanentError
from supervision_push.domain.clocks import RunningClock, deem_at
from supervision_push.domain.steps import (
    Delivery,
    Enrolment,
    Feedback,
    PushState,
    Recall,
    Receipt,
    Return,
)

FED_BACK = frozenset({Duty.INSPECTION, Duty.COMMITMENT_CHECK})
"""The duties that are done by feeding back; the others have acts of their own."""


class OutOfOrderError(PermanentError):
    """The push cannot take this step; the message says why, Chinese first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One push with all that became of it."""

    push_id: str
    decision_id: str
    event_id: str
    decision_type: str
    effective_on: date
    authority: str
    recipient: str
    party: str
    round: int
    items: tuple[Item, ...]
    owes: tuple[Duty, ...]
    policy: ReceiptPolicy
    accepted_at: datetime
    opened_at: datetime
    clocks: tuple[RunningClock, ...] = ()
    rerouted_from: str | None = None
    resolves: str | None = None
    traceparent: str | None = None
    """The trace that the decision came in by, which all that is told of the push goes on with."""
    state: PushState = PushState.OPEN
    delivery: Delivery | None = None
    receipt: Receipt | None = None
    enrolment: Enrolment | None = None
    feedback: tuple[Feedback, ...] = ()
    returned: Return | None = None
    recalled: Recall | None = None
    revision: int = 0

    def deliver(self, delivery: Delivery) -> "Push":
        """It left our hands; where policy says so, that is its receipt (晋城)."""
        if self.delivery is not None:
            return self
        handed_over = _settled(replace(self, delivery=delivery))
        deems = self.policy is ReceiptPolicy.DEEMED_ON_DELIVERY and self.state is PushState.OPEN
        return handed_over.deem_received(delivery.at) if deems else handed_over

    def receive(self, receipt: Receipt) -> "Push":
        """Receipt (签收) by the supervising authority.

        Raises:
            OutOfOrderError: returned or recalled.
        """
        if self.receipt is not None and self.state is not PushState.RETURNED:
            return self
        self._still_ours("签收", "receive")
        clocks = _stopped(self.clocks, receipt.at, Duty.RECEIPT)
        return _settled(replace(self, receipt=receipt, clocks=clocks))

    def deem_received(self, at: datetime) -> "Push":
        """Policy takes the push for received, though nobody signed."""
        return self.receive(Receipt(at=at, by=self.recipient, deemed=True))

    def return_(self, returned: Return) -> "Push":
        """退回, until somebody signed for it or did anything about it.

        Raises:
            OutOfOrderError: signed for, worked on, or recalled.
        """
        if self.state is PushState.RETURNED:
            return self
        self._still_ours("退回", "return")
        if self.enrolment or self.feedback or (self.receipt and not self.receipt.deemed):
            raise OutOfOrderError("已签收或已办理,不能退回 (signed for or worked on: kept)")
        clocks = _stopped(self.clocks, returned.at)
        return replace(self, returned=returned, state=PushState.RETURNED, clocks=clocks)

    def enrol(self, enrolment: Enrolment) -> "Push":
        """纳入监管.

        Raises:
            OutOfOrderError: not owed, not received, returned or recalled.
        """
        self._must_owe(Duty.ENROLMENT)
        if self.enrolment is not None:
            return self
        received = self._received_for("纳入监管", "enrol", enrolment.at)
        clocks = _stopped(received.clocks, enrolment.at, Duty.ENROLMENT)
        return _settled(replace(received, enrolment=enrolment, clocks=clocks))

    def feed_back(self, feedback: Feedback) -> "Push":
        """反馈 on one duty, once.

        Raises:
            OutOfOrderError: not owed, not received, returned, recalled, or fed back otherwise.
        """
        if feedback.duty not in FED_BACK:
            raise OutOfOrderError(f"{feedback.duty}: 不以反馈办理 (receive or enrol it instead)")
        self._must_owe(feedback.duty)
        if earlier := self.feedback_on(feedback.duty):
            if earlier.says_the_same(feedback):
                return self
            raise OutOfOrderError(f"{feedback.duty}: 已反馈其他内容 (fed back differently before)")
        received = self._received_for("反馈", "feed back", feedback.at)
        clocks = _stopped(received.clocks, feedback.at, feedback.duty)
        return _settled(replace(received, feedback=(*self.feedback, feedback), clocks=clocks))

    def feedback_on(self, duty: Duty) -> Feedback | None:
        """What was fed back on a duty."""
        return next((one for one in self.feedback if one.duty is duty), None)

    def recall(self, recall: Recall) -> "Push":
        """The decision ended; what is returned, recalled or closed already stays so."""
        if self.state not in (PushState.OPEN, PushState.RECEIVED):
            return self
        clocks = _stopped(self.clocks, recall.at)
        return replace(self, recalled=recall, state=PushState.RECALLED, clocks=clocks)

    def is_done(self, duty: Duty) -> bool:
        """Whether one duty was fulfilled; a notice is taken with its delivery."""
        match duty:
            case Duty.NOTICE:
                return self.delivery is not None or self.receipt is not None
            case Duty.RECEIPT:
                return self.receipt is not None
            case Duty.ENROLMENT:
                return self.enrolment is not None
            case Duty.INSPECTION | Duty.COMMITMENT_CHECK:
                return self.feedback_on(duty) is not None

    @property
    def deem_at(self) -> datetime | None:
        """When it will be deemed received for want of a signature (explicit_then_deemed)."""
        return deem_at(self.clocks)

    def _received_for(self, zh: str, en: str, at: datetime) -> "Push":
        self._still_ours(zh, en)
        if self.receipt is not None:
            return self
        if self.policy is ReceiptPolicy.EXPLICIT:
            raise OutOfOrderError(f"请先签收,再{zh} (receive it first, then {en})")
        return self.deem_received(at)

    def _still_ours(self, zh: str, en: str) -> None:
        if self.state in (PushState.RETURNED, PushState.RECALLED):
            raise OutOfOrderError(
                f"{self.state.chinese},不能{zh} (already {self.state}: cannot {en})"
            )

    def _must_owe(self, duty: Duty) -> None:
        if duty not in self.owes:
            raise OutOfOrderError(f"本推送无此义务 (this push does not owe {duty})")


def moves_on_delivery(policy: ReceiptPolicy | None, owes: Sequence[Duty]) -> bool:
    """Whether a delivery changes the state of such a push; of an unknown policy, it may."""
    plain = (ReceiptPolicy.EXPLICIT, ReceiptPolicy.EXPLICIT_THEN_DEEMED)
    return policy not in plain or all(duty is Duty.NOTICE for duty in owes)


def _settled(push: Push) -> Push:
    """The push in the state that what was done puts it in."""
    if push.state not in (PushState.OPEN, PushState.RECEIVED):
        return push
    if all(push.is_done(duty) for duty in push.owes):
        return replace(push, state=PushState.CLOSED)
    return replace(push, state=PushState.RECEIVED if push.receipt else PushState.OPEN)


def _stopped(
    clocks: tuple[RunningClock, ...], at: datetime, duty: Duty | None = None
) -> tuple[RunningClock, ...]:
    """The clocks with that of one duty stopped, or all of them."""
    wanted = None if duty is None else Clock(duty)
    return tuple(clock.stopped(at) if wanted in (None, clock.clock) else clock for clock in clocks)

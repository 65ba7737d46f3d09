"""Whatever happens to a push in whatever order, it stays in order."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from linkage_contracts.codes import Channel, Duty, ReceiptPolicy
from supervision_push.domain.clocks import RunningClock
from supervision_push.domain.moves import Asked, Limits, extend, pause, resume
from supervision_push.domain.push import OutOfOrderError, Push
from supervision_push.domain.steps import (
    Delivery,
    Enrolment,
    Feedback,
    PushState,
    Recall,
    Receipt,
    Return,
)
from tests.unit.push_builders import MARKET, NOON, a_push, a_schedule

LATER = NOON + timedelta(hours=1)
RECEIPT = Receipt(at=LATER, by="clerk-1")
ENROLMENT = Enrolment(at=LATER, by="clerk-1")
DELIVERY = Delivery(at=LATER, channel=Channel.PULL)
RETURN = Return(at=LATER, by="clerk-1", reason="非本局职责", pool_id="p")
RECALL = Recall(at=LATER, ended_by="e", reason="许可已撤销")
INSPECTED = Feedback(duty=Duty.INSPECTION, at=LATER, by="clerk-1", outcome="conforms")


LIMITS = Limits(pauses=2, pause_working_days=10, extensions=2, extension_working_days=15)


def _moved(clock: RunningClock, act: str, days: int) -> RunningClock:
    asked = Asked(at=LATER, organisation=MARKET, by="a", reason=f"{days} 日", limits=LIMITS)
    if act == "resume":
        return resume(clock, asked, a_schedule())
    return {"pause": pause, "extend": extend}[act](clock, days, asked, a_schedule())


class LifeOfAPush(RuleBasedStateMachine):
    """Whatever clerks, channels and bureaus do in any order, a push stays in order."""

    def __init__(self) -> None:
        super().__init__()
        self.push: Push = a_push()
        self.history: list[Push] = [self.push]

    @rule(policy=st.sampled_from(ReceiptPolicy), owes=st.sets(st.sampled_from(Duty), min_size=1))
    def begin_again(self, policy: ReceiptPolicy, owes: set[Duty]) -> None:
        self.push = a_push(owes=tuple(duty for duty in Duty if duty in owes), policy=policy)
        self.history = [self.push]

    @rule()
    def deliver(self) -> None:
        self._step(self.push.deliver(DELIVERY))

    @rule(by=st.sampled_from(["a", "b"]))
    def receive(self, by: str) -> None:
        self._try(lambda push: push.receive(Receipt(at=LATER, by=by)))

    @rule()
    def return_it(self) -> None:
        self._try(lambda push: push.return_(RETURN))

    @rule()
    def enrol(self) -> None:
        self._try(lambda push: push.enrol(ENROLMENT))

    @rule(duty=st.sampled_from(Duty), outcome=st.sampled_from(["conforms", "fails"]))
    def feed_back(self, duty: Duty, outcome: str) -> None:
        feedback = Feedback(duty=duty, at=LATER, by="a", outcome=outcome)
        self._try(lambda push: push.feed_back(feedback))

    @rule()
    def recall(self) -> None:
        self._step(self.push.recall(RECALL))

    @rule(
        which=st.sampled_from(Duty),
        act=st.sampled_from(["pause", "resume", "extend"]),
        days=st.integers(1, 12),
    )
    def move_a_deadline(self, which: Duty, act: str, days: int) -> None:
        def moved(push: Push) -> Push:
            clocks = tuple(
                _moved(clock, act, days) if clock.clock.value == which.value else clock
                for clock in push.clocks
            )
            same = all(new is old for new, old in zip(clocks, push.clocks, strict=True))
            return push if same else replace(push, clocks=clocks)

        self._try(moved)

    def _try(self, act: Callable[[Push], Push]) -> None:
        try:
            after = act(self.push)
        except OutOfOrderError:
            return
        assert act(after) is after, "a repeated act changes nothing"
        self._step(after)

    def _step(self, after: Push) -> None:
        self.push = after
        self.history.append(after)

    @invariant()
    def what_happened_stays(self) -> None:
        for earlier in self.history:
            for name in ("delivery", "receipt", "enrolment", "returned", "recalled"):
                happened = getattr(earlier, name)
                assert happened is None or getattr(self.push, name) == happened
            assert self.push.feedback[: len(earlier.feedback)] == earlier.feedback

    @invariant()
    def the_state_follows_from_what_happened(self) -> None:
        push = self.push
        done = all(push.is_done(duty) for duty in push.owes)
        match push.state:
            case PushState.RETURNED:
                assert push.returned is not None
            case PushState.RECALLED:
                assert push.recalled is not None
            case PushState.CLOSED:
                assert done
            case PushState.RECEIVED:
                assert push.receipt is not None
                assert not done
            case PushState.OPEN:
                assert push.receipt is None
                assert not done

    @invariant()
    def no_clock_runs_on_what_is_over(self) -> None:
        push = self.push
        if push.state not in (PushState.OPEN, PushState.RECEIVED):
            assert all(clock.stopped_at for clock in push.clocks)
        for clock in push.clocks:
            if push.is_done(Duty(clock.clock)):
                assert clock.stopped_at is not None

    @invariant()
    def what_is_owed_is_lost_sight_of_by_nobody(self) -> None:
        for clock in self.push.clocks:
            if clock.stopped_at is None:
                assert clock.next_at or (clock.pause and clock.pause.resumes_at)

    @invariant()
    def a_receipt_is_deemed_by_the_end_that_it_has_now(self) -> None:
        lapsing = [clock for clock in self.push.clocks if clock.lapses and clock.runs]
        assert self.push.deem_at == (lapsing[0].due_at if lapsing else None)
        assert self.push.deem_at is None or self.push.state is PushState.OPEN

    @invariant()
    def nothing_is_worked_on_before_its_receipt(self) -> None:
        if self.push.enrolment or self.push.feedback:
            assert self.push.receipt is not None


TestLifeOfAPush = LifeOfAPush.TestCase
TestLifeOfAPush.settings = settings(max_examples=30, stateful_step_count=12, deadline=None)

"""What is counted about pushes, and how long each step took since the bureau's submission."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import Counter

from linkage_contracts.codes import Duty
from linkage_runtime.metrics import declare_acts, declare_gaps, observe_gap
from linkage_runtime.places import observe_act_at
from supervision_push.adapters.deadlines.clock_metrics import count_ended
from supervision_push.application.act_on_pushes import Outcome
from supervision_push.application.chase_overdue import Told
from supervision_push.application.open_pushes import Routed
from supervision_push.application.record_deliveries import HandedOver
from supervision_push.domain.clocks import Level, RunningClock
from supervision_push.domain.entry import PushOutline
from supervision_push.domain.push import Push
from supervision_push.domain.steps import Delivery
from supervision_push.domain.subscription import FETCHED

PUSHES = Counter("linkage_pushes_total", "Pushes that took a step, each step once.", ["step"])
UNROUTED = Counter(
    "linkage_decisions_unrouted_total", "Decision events that were put in the pool, or partly."
)
DEADLINES = Counter("linkage_deadlines_total", "Deadlines told of, by level.", ["level"])

STEPS = ("opened", "delivered", "received", "returned", "recalled", "enrolled", "fed_back")
ACCEPTED_TO_DELIVERED = "accepted_to_delivered"
ACCEPTED_TO_FETCHED = "accepted_to_fetched"
ACCEPTED_TO_RECEIVED = "accepted_to_received"
ACCEPTED_TO_FED_BACK = "accepted_to_fed_back"
DELIVERED_TO_RECEIVED = "delivered_to_received"
ACTS_OF_ITEMS = (ACCEPTED_TO_RECEIVED, ACCEPTED_TO_FED_BACK, DELIVERED_TO_RECEIVED)
ACTS = (ACCEPTED_TO_FETCHED, *ACTS_OF_ITEMS)
"""What is fetched tells no items: a push is not read for it."""


def declare_push_metrics() -> None:
    """Create every label set at 0."""
    for step in STEPS:
        PUSHES.labels(step)
    for level in (level for level in Level if level):
        DEADLINES.labels(level.name.lower())
    declare_gaps(ACCEPTED_TO_DELIVERED)
    declare_acts(*ACTS)


def count_routed(routed: Routed) -> None:
    """A batch of decisions was routed."""
    PUSHES.labels("opened").inc(len(routed.opened))
    PUSHES.labels("recalled").inc(routed.recalled)
    UNROUTED.inc(routed.pooled)


def count_steps(moved: Iterable[tuple[Push, Push]]) -> None:
    """Pushes took steps: each pair is before and after."""
    for before, after in moved:
        if after.delivery and not before.delivery:
            _delivered(after, after.delivery)
        if after.receipt and not before.receipt:
            _act("received", ACCEPTED_TO_RECEIVED, after, after.receipt.at)
            if after.delivery:
                _observe(DELIVERED_TO_RECEIVED, after, after.delivery.at, after.receipt.at)
        if after.returned and not before.returned:
            PUSHES.labels("returned").inc()
        if after.enrolment and not before.enrolment:
            PUSHES.labels("enrolled").inc()
        for feedback in after.feedback[len(before.feedback) :]:
            _act("fed_back", ACCEPTED_TO_FED_BACK, after, feedback.at)
        count_ended(after.recipient, _done(before, after))


def count_handed_over(handed: HandedOver, delivery: Delivery) -> None:
    """Pushes left our hands for the first time."""
    for push in handed.plain:
        _delivered(push, delivery)
    count_steps(handed.moved)


def count_told(told: Told) -> None:
    """Deadlines were told of."""
    for level, number in told.levels.items():
        DEADLINES.labels(level.name.lower()).inc(number)


def counted(outcome: Outcome) -> Outcome:
    """Count what an act moved, and hand it on."""
    count_steps(outcome.changed)
    PUSHES.labels("opened").inc(outcome.opened)
    return outcome


def _delivered(push: Push | PushOutline, delivery: Delivery) -> None:
    PUSHES.labels("delivered").inc()
    if delivery.channel in FETCHED:
        # When it is fetched is its reader's choice.
        fetched = (ACCEPTED_TO_FETCHED, push.accepted_at, delivery.at)
        observe_act_at(*fetched, authority=push.recipient, items=None)
    else:
        observe_gap(ACCEPTED_TO_DELIVERED, push.accepted_at, delivery.at)


def _act(step: str, gap: str, push: Push, at: datetime) -> None:
    PUSHES.labels(step).inc()
    _observe(gap, push, push.accepted_at, at)


def _observe(gap: str, push: Push, start: datetime, end: datetime) -> None:
    items = [item.code for item in push.items]
    observe_act_at(gap, start, end, authority=push.recipient, items=items)


def _done(before: Push, after: Push) -> Iterator[RunningClock]:
    """The clocks that stopped because their duty was done; a recall or a return stops all."""
    ran = {clock.clock for clock in before.clocks if clock.stopped_at is None}
    for clock in after.clocks:
        if clock.clock in ran and clock.stopped_at and after.is_done(Duty(clock.clock)):
            yield clock

"""What is counted about pushes, and how long each step took since the bureau's submission."""

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import Counter, Gauge

from linkage_runtime.metrics import declare_gaps, observe_gap
from supervision_push.application.act_on_pushes import Outcome
from supervision_push.application.chase_overdue import Told
from supervision_push.application.open_pushes import Routed
from supervision_push.domain.clocks import Level
from supervision_push.domain.push import Push

PUSHES = Counter("linkage_pushes_total", "Pushes that took a step, each step once.", ["step"])
UNROUTED = Counter(
    "linkage_decisions_unrouted_total", "Decision events that were put in the pool, or partly."
)
DEADLINES = Counter("linkage_deadlines_total", "Deadlines told of, by level.", ["level"])
OVERDUE = Gauge("linkage_pushes_overdue", "Pushes not closed yet that missed a deadline.")
WAITING = Gauge("linkage_pool_waiting", "Pool entries that nobody has claimed.")

UNANSWERED = Gauge(
    "linkage_escalations_unanswered", "Escalations that who owes has not answered yet."
)
PROVISIONAL = Gauge(
    "linkage_deadlines_provisional",
    "Pushes, results and supplements with an open deadline reckoned without its year's notice.",
)
HORIZON = Gauge(
    "linkage_calendar_horizon_days",
    "Days from today to the last one that the loaded holiday notices know.",
)

STEPS = ("opened", "delivered", "received", "returned", "recalled", "enrolled", "fed_back")
ACCEPTED_TO_DELIVERED = "accepted_to_delivered"
ACCEPTED_TO_RECEIVED = "accepted_to_received"
ACCEPTED_TO_FED_BACK = "accepted_to_fed_back"
DELIVERED_TO_RECEIVED = "delivered_to_received"


def declare_push_metrics() -> None:
    """Create every label set at 0."""
    for step in STEPS:
        PUSHES.labels(step)
    for level in (level for level in Level if level):
        DEADLINES.labels(level.name.lower())
    declare_gaps(
        ACCEPTED_TO_DELIVERED, ACCEPTED_TO_RECEIVED, ACCEPTED_TO_FED_BACK, DELIVERED_TO_RECEIVED
    )


def count_routed(routed: Routed) -> None:
    """A batch of decisions was routed."""
    PUSHES.labels("opened").inc(len(routed.opened))
    PUSHES.labels("recalled").inc(routed.recalled)
    UNROUTED.inc(routed.pooled)


def count_steps(moved: Iterable[tuple[Push, Push]]) -> None:
    """Pushes took steps: each pair is before and after."""
    for before, after in moved:
        if after.delivery and not before.delivery:
            _step("delivered", ACCEPTED_TO_DELIVERED, after, after.delivery.at)
        if after.receipt and not before.receipt:
            _step("received", ACCEPTED_TO_RECEIVED, after, after.receipt.at)
            if after.delivery:
                observe_gap(DELIVERED_TO_RECEIVED, after.delivery.at, after.receipt.at)
        if after.returned and not before.returned:
            PUSHES.labels("returned").inc()
        if after.enrolment and not before.enrolment:
            PUSHES.labels("enrolled").inc()
        for feedback in after.feedback[len(before.feedback) :]:
            _step("fed_back", ACCEPTED_TO_FED_BACK, after, feedback.at)


def count_told(told: Told) -> None:
    """Deadlines were told of."""
    for level, number in told.levels.items():
        DEADLINES.labels(level.name.lower()).inc(number)


def counted(outcome: Outcome) -> Outcome:
    """Count what an act moved, and hand it on."""
    count_steps(outcome.changed)
    PUSHES.labels("opened").inc(outcome.opened)
    return outcome


def _step(step: str, gap: str, push: Push, at: datetime) -> None:
    PUSHES.labels(step).inc()
    observe_gap(gap, push.accepted_at, at)

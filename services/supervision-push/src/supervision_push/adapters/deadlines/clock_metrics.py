"""What is counted about duties: each as it ends, by who owed it and whether it was in time.

Whose these are is a label, so every authority of the catalogue is there from the start; beyond
``MOST_AUTHORITIES`` they are counted together.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client import Counter

from linkage_contracts.catalogue import Authority
from linkage_contracts.codes import AuthorityKind, Clock
from linkage_runtime.metrics import Bounded
from supervision_push.domain.clocks import RunningClock

MOST_AUTHORITIES: Final = 500
"""A prefecture and its counties. Each has four clocks, or seven."""
CLOCKS_OF: Final = {
    AuthorityKind.APPROVING: (
        Clock.RESULT_RECEIPT,
        Clock.ACTION_REPORT,
        Clock.TOLERANCE_SUPPLEMENT,
        Clock.FINDING_ANSWER,
        Clock.BREACH_HEARING,
        Clock.BREACH_FINDING,
        Clock.BREACH_MENDING,
    ),
    AuthorityKind.SUPERVISING: (
        Clock.RECEIPT,
        Clock.ENROLMENT,
        Clock.INSPECTION,
        Clock.COMMITMENT_CHECK,
    ),
    AuthorityKind.OVERSIGHT: (),
}
IN_TIME, LATE = "in_time", "late"

ENDED = Counter(
    "linkage_clocks_ended_total",
    "Duties done, by who owed them and whether it was in time.",
    ["authority", "clock", "outcome"],
)
label_of = Bounded(MOST_AUTHORITIES)
"""How an authority is called in the labels of this process."""


def clocks_owed(authorities: Iterable[Authority]) -> Iterator[tuple[str, Clock]]:
    """Every authority, as its label tells it, with each clock that may run against it."""
    for authority in authorities:
        for clock in CLOCKS_OF[authority.kind]:
            yield label_of(authority.id), clock


def declare_ended(authorities: Iterable[Authority]) -> None:
    """Create every label set at 0."""
    for authority, clock in clocks_owed(authorities):
        for outcome in (IN_TIME, LATE):
            ENDED.labels(authority, clock, outcome)


def count_ended(authority: str, clocks: Iterable[RunningClock]) -> None:
    """These duties of one authority were done."""
    for clock in clocks:
        if clock.stopped_at is not None:
            outcome = IN_TIME if clock.stopped_at <= clock.due_at else LATE
            ENDED.labels(label_of(authority), clock.clock, outcome).inc()

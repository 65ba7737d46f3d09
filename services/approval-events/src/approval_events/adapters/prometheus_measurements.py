"""Counts of this service for Prometheus; labels are bounded and all there from the start."""

from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import get_args

from prometheus_client import Counter

from approval_events.application.advance_breaches import step_name
from approval_events.application.answers import Status
from approval_events.application.measure_answers import DECIDED_TO_ACCEPTED
from approval_events.application.receive_results import RESULT_TO_RECEIVED
from approval_events.application.report_actions import RESULT_TO_ACTED
from approval_events.domain.case import CreditTrouble
from approval_events.domain.rules import DoorRule
from linkage_contracts.breaches import BreachEvent
from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import Rule
from linkage_runtime.metrics import declare_acts
from linkage_runtime.places import PLACES, declare_act_places, observe_act_at

ACTS = (DECIDED_TO_ACCEPTED, RESULT_TO_RECEIVED, RESULT_TO_ACTED)
FORMAT = "format"
"""All faults of shape together: their names are pydantic's, and there are many."""
_RULES = frozenset(map(str, DoorRule))

ANSWERED = Counter(
    "linkage_submissions_total",
    "Decisions and acts submitted, by the answer that they got.",
    ["status"],
)
BY_REGION = Counter(
    "linkage_decisions_by_region_total",
    "Decisions and acts submitted, by their region and the answer that they got.",
    ["region", "status"],
)
BY_GROUP = Counter(
    "linkage_decisions_by_group_total",
    "The same by the groups of their items; one may have several.",
    ["item_group", "status"],
)
REFUSED = Counter(
    "linkage_submission_faults_total",
    "What submissions were turned away for; one may have several.",
    ["rule"],
)
IRREGULAR = Counter(
    "linkage_decisions_irregular_total",
    "Decisions accepted although they break a rule of approval.",
    ["rule"],
)
UNVERIFIED = Counter(
    "linkage_credit_unverified_total",
    "Decisions on commitment or tolerance accepted while credit could not be asked, by why.",
    ["trouble"],
)
FINDINGS = Counter(
    "linkage_findings_total",
    "What was done about findings: breaches of a rule of approval.",
    ["rule", "outcome"],
)
FINDING_OUTCOMES = ("answered", "accepted", "sent_back", "closed")
BREACHES = Counter(
    "linkage_breach_steps_total",
    "Steps that bureaus took about broken commitments.",
    ["step"],
)
CONFLICTS = Counter(
    "linkage_ledger_conflicts_total",
    "Second contents that the ledger kept under a known number and date.",
)


class PrometheusMeasurements:
    """See ``Measurements``."""

    def __init__(self) -> None:
        for status in get_args(Status):
            ANSWERED.labels(status)
        for rule in (*DoorRule, FORMAT):
            REFUSED.labels(str(rule))
        for trouble in CreditTrouble:
            UNVERIFIED.labels(str(trouble))
        for broken in Rule:
            IRREGULAR.labels(str(broken))
            for outcome in FINDING_OUTCOMES:
                FINDINGS.labels(str(broken), outcome)
        for step in get_args(BreachEvent):
            BREACHES.labels(step_name(step))
        declare_acts(*ACTS)

    def answered(self, status: str, rules: Iterable[str] = ()) -> None:
        """See ``Measurements``."""
        ANSWERED.labels(status).inc()
        for rule in rules:
            REFUSED.labels(rule if rule in _RULES else FORMAT).inc()

    def placed(self, answered: Iterable[tuple[str, str, Sequence[str]]]) -> None:
        """See ``Measurements``."""
        regions, groups = Tally[tuple[str, str]](), Tally[tuple[str, str]]()
        for status, region, items in answered:
            regions[PLACES.region(region), status] += 1
            groups.update((group, status) for group in PLACES.groups_of(items))
        for labels, number in regions.items():
            BY_REGION.labels(*labels).inc(number)
        for labels, number in groups.items():
            BY_GROUP.labels(*labels).inc(number)

    def flagged(self, rules: Iterable[str]) -> None:
        """See ``Measurements``."""
        for rule in rules:
            IRREGULAR.labels(rule).inc()

    def unverified(self, trouble: str) -> None:
        """See ``Measurements``."""
        UNVERIFIED.labels(trouble).inc()

    def finding(self, rule: str, outcome: str) -> None:
        """See ``Measurements``."""
        FINDINGS.labels(rule, outcome).inc()

    def breach(self, step: str) -> None:
        """See ``Measurements``."""
        BREACHES.labels(step).inc()

    def conflicts(self, count: int) -> None:
        """See ``Measurements``."""
        CONFLICTS.inc(count)

    def gap(
        self,
        name: str,
        start: datetime,
        end: datetime,
        *,
        authority: str,
        items: Sequence[str] | None = None,
    ) -> None:
        """See ``Measurements``."""
        observe_act_at(name, start, end, authority=authority, items=items)


def declare_places(catalogue: Catalogue) -> None:
    """Create the label sets of a catalogue's regions and item groups at 0."""
    PLACES.learn(catalogue)
    for status in get_args(Status):
        for region in PLACES.regions:
            BY_REGION.labels(region, status)
        for group in PLACES.groups:
            BY_GROUP.labels(group, status)
    # A result tells no items.
    declare_act_places(ACTS, of_items={DECIDED_TO_ACCEPTED})

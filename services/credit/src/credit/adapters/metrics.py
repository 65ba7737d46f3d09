"""What this service counts: bounded labels, each there from the start."""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping

from prometheus_client import Counter, Gauge

from credit.domain.facts import Fact, FactKind
from credit.ports import Revision
from linkage_contracts.codes import RiskClass
from linkage_runtime.metrics import declare_gaps

GAP = "published_to_rated"
"""From the publication of an event until the party's rating has it."""

_FACTS = Counter("linkage_credit_facts_total", "Facts stored for the first time.", ["kind"])
_CHANGED = Counter(
    "linkage_credit_ratings_changed_total",
    "Ratings that became others, by what became of the class.",
    ["change"],
)
_PARTIES = Gauge("linkage_credit_parties", "Rated parties in each class.", ["risk_class"])


def declare_metrics() -> None:
    """Create every label set at 0, in the process that counts."""
    for kind in FactKind:
        _FACTS.labels(kind)
    for change in ("first", "better", "same_class", "worse"):
        _CHANGED.labels(change)
    for risk_class in RiskClass:
        _PARTIES.labels(risk_class)
    declare_gaps(GAP)


def count_facts(facts: Iterable[Fact]) -> None:
    """Count facts that were new."""
    for kind, number in Tally(fact.kind for fact in facts).items():
        _FACTS.labels(kind).inc(number)


def count_changes(revisions: Iterable[Revision]) -> None:
    """Count ratings that were told to the world."""
    for change, number in Tally(map(_change, revisions)).items():
        _CHANGED.labels(change).inc(number)


def show_classes(counts: Mapping[RiskClass, int]) -> None:
    """Let the gauge say how many parties stand in each class."""
    for risk_class, number in counts.items():
        _PARTIES.labels(risk_class).set(number)


def _change(revision: Revision) -> str:
    if revision.before is None:
        return "first"
    before, after = revision.before.risk_class, revision.after.risk_class
    if before is after:
        return "same_class"
    return "worse" if after > before else "better"

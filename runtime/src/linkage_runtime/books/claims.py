"""What must stand where because of an event: the rules of the books, each written once.

A claim is an id and a place. The whole audit and the incremental run ask the same claims; they
differ in how they look.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from linkage_contracts.ids import breach_id, entry_id
from linkage_runtime.books.credit_facts import facts_of
from linkage_runtime.books.ledger_facts import changed_breaches, ledger_facts
from linkage_runtime.books.line import Line, is_decision, is_result, raised_by


class Place(StrEnum):
    """A collection, or a topic: where something must stand."""

    DECISIONS = "approval_events.decisions"
    LEDGER = "approval_events.linkages"
    INCOMING = "approval_events.incoming_results"
    BUREAU_FINDINGS = "approval_events.findings"
    BUREAU_BREACHES = "approval_events.breaches"
    PUSHES = "supervision_push.pushes"
    POOL = "supervision_push.pool"
    DELIVERIES = "supervision_push.deliveries"
    RESULTS = "supervision_push.results"
    FINDINGS = "supervision_push.findings"
    BREACHES = "supervision_push.breaches"
    ENTRIES = "supervision_push.feed_entries"
    FACTS = "credit.facts"
    ACTS = "credit.acts"
    RATINGS = "credit.ratings"
    ON_FEEDS = "linkage.feeds.v1"
    ON_PROGRESS = "supervision.progress.v1"

    @property
    def is_topic(self) -> bool:
        """Whether another event must tell it."""
        return self.value.endswith(".v1")

    @property
    def reader(self) -> str:
        """The service whose duty it is; where it buried the event, nothing is missing."""
        if self.is_topic:
            return "supervision-push"
        return self.value.partition(".")[0].replace("_", "-")


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """Something that must stand in a place."""

    stage: str
    id: str
    place: Place
    event: str = field(compare=False, default="")
    """Because of which event."""
    authority: str = field(compare=False, default="")
    proof: tuple[Place, str] | None = field(compare=False, default=None)
    """Of a topic: what in a store shows that its reader has read it there."""

    @property
    def key(self) -> str:
        """It, as one word."""
        return f"{self.place}|{self.id}"


STAGES = (
    *("decision", "routing", "push", "pool", "delivery", "feed entry", "ledger fact"),
    *("result", "finding", "breach", "credit fact", "credit act", "rating", "act"),
)

_STORED: dict[str, tuple[str, Place, str]] = {
    "push.opened": ("push", Place.PUSHES, "push_id"),
    "push.delivered": ("delivery", Place.DELIVERIES, "push_id"),
    "push.returned": ("pool", Place.POOL, "pool_id"),
    "decision.unrouted": ("pool", Place.POOL, "pool_id"),
    "credit.rated": ("rating", Place.RATINGS, "party"),
}


def claims_of(line: Line) -> Iterator[Claim]:
    """All that must stand somewhere because of one event."""
    what = line.what
    for stage, place, id_ in (*_in_stores(line), *_in_the_ledger(line), *_in_credit(line)):
        yield Claim(stage, id_, place, line.id, line.authority)
    if is_decision(line):
        routed = (Place.LEDGER, f"{line.data['decision_id']}/routed/{line.id}")
        yield Claim("routing", line.id, Place.ON_PROGRESS, line.id, line.authority, routed)
    elif what == "push.opened":
        yield _told(line, "push", line.data["push_id"], line.data["recipient"], "push-opened")
    elif is_result(line) and goes_back(line):
        yield _told(line, "result", line.data["result_id"], line.authority, "result-forwarded")


def answers(line: Line) -> str | None:
    """The key of the claim on a topic that this event fulfils."""
    what, data = line.what, line.data
    if what in {"push.opened", "decision.unrouted"}:
        return f"{Place.ON_PROGRESS}|{data['decision_event_id']}"
    if what == "feed.push-opened":
        return f"{Place.ON_FEEDS}|{data['push_id']}"
    if what == "feed.result-forwarded":
        return f"{Place.ON_FEEDS}|{data['result_id']}"
    return None


def goes_back(line: Line) -> bool:
    """Whether a result concerns a bureau's licence; others are facts about the party alone."""
    return bool(line.data.get("decision_id") and line.authority)


def _in_stores(line: Line) -> Iterator[tuple[str, Place, str]]:
    what = line.what
    if is_decision(line):
        yield "decision", Place.DECISIONS, line.id
        for finding in raised_by(line):
            yield "finding", Place.BUREAU_FINDINGS, finding
            yield "finding", Place.FINDINGS, finding
    elif is_result(line):
        yield "result", Place.RESULTS, line.data["result_id"]
        if goes_back(line):
            yield "result", Place.INCOMING, line.data["result_id"]
        if what == "result.commitment-broken" and line.data.get("decision_id"):
            breach = breach_id(line.data["result_id"])
            yield "breach", Place.BUREAU_BREACHES, breach
            yield "breach", Place.BREACHES, breach
    elif what.startswith("feed."):
        yield "feed entry", Place.ENTRIES, line.id
    elif what in _STORED:
        stage, place, name = _STORED[what]
        yield stage, place, line.data[name]
    elif what.startswith("credit."):
        yield "credit act", Place.ACTS, line.id


def _in_the_ledger(line: Line) -> Iterator[tuple[str, Place, str]]:
    decision = line.data.get("decision_id")
    for kind, key in ledger_facts(line) if decision else ():
        yield "ledger fact", Place.LEDGER, f"{decision}/{kind}/{key}"
    for changed, kind, key in changed_breaches(line):
        yield "ledger fact", Place.LEDGER, f"{changed}/{kind}/{key}"


def _in_credit(line: Line) -> Iterator[tuple[str, Place, str]]:
    for fact in facts_of(line):
        yield "credit fact", Place.FACTS, fact


def _told(line: Line, stage: str, id_: str, recipient: str, entry: str) -> Claim:
    proof = (Place.ENTRIES, entry_id(recipient, f"linkage.feed.{entry}.v1", line.id))
    return Claim(stage, id_, Place.ON_FEEDS, line.id, line.authority, proof)

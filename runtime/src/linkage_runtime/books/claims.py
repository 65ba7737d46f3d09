"""What must stand where because of an event: the rules of the books, each written once.

A claim is an id and a place. The whole audit and the incremental run ask the same claims; they
differ in how they look.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from linkage_contracts.ids import entry_id, finding_id
from linkage_runtime.books.credit_facts import facts_of
from linkage_runtime.books.line import Line


class Place(StrEnum):
    """A collection, or a topic: where something must stand."""

    DECISIONS = "approval_events.decisions"
    LEDGER = "approval_events.linkages"
    INCOMING = "approval_events.incoming_results"
    BUREAU_FINDINGS = "approval_events.findings"
    PUSHES = "supervision_push.pushes"
    POOL = "supervision_push.pool"
    DELIVERIES = "supervision_push.deliveries"
    RESULTS = "supervision_push.results"
    FINDINGS = "supervision_push.findings"
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
    *("result", "finding", "credit fact", "credit act", "rating", "act"),
)

DECISION_KINDS = ("issued", "amended", "renewed", "withdrawn", "annulled", "deregistered")
RESULT_KINDS = (
    *("inspection-recorded", "penalty-imposed", "rectification-ordered"),
    *("rectification-ended", "commitment-broken", "clue-raised", "action-requested"),
)
_DECISIONS = frozenset(f"decision.{kind}" for kind in DECISION_KINDS)
_RESULTS = frozenset(f"result.{kind}" for kind in RESULT_KINDS)

LEDGER_FACTS: dict[str, tuple[str, str | None]] = {
    **dict.fromkeys(_DECISIONS, ("decided", None)),
    "decision.unrouted": ("unrouted", "pool_id"),
    "push.opened": ("opened", "push_id"),
    "push.delivered": ("delivered", "push_id"),
    "push.received": ("received", "push_id"),
    "push.returned": ("returned", "push_id"),
    "push.recalled": ("recalled", "push_id"),
    "push.enrolled": ("enrolled", "push_id"),
    "push.fed-back": ("fed_back", None),
    **dict.fromkeys(_RESULTS, ("found", "result_id")),
    "result.forwarded": ("forwarded", "result_id"),
    "report.forwarded": ("report_forwarded", "result_id"),
    "action.result-received": ("result_received", "result_id"),
    "action.result-returned": ("result_returned", "result_id"),
    "action.reported": ("reported", None),
    "action.conflict-found": ("conflict", None),
    "action.finding-answered": ("finding_answered", None),
    "action.finding-sent-back": ("finding_sent_back", None),
    "action.finding-accepted": ("finding_accepted", None),
    "action.finding-closed": ("finding_closed", "finding_id"),
    "deadline.warned": ("warned", None),
    "deadline.overdue": ("overdue", None),
    "deadline.escalated": ("escalated", None),
    "deadline.changed": ("deadline_changed", None),
    "escalation.answered": ("escalation_answered", "escalation_id"),
}
"""What an event is in a linkage's ledger, and by what it is named there; by its own id if not."""
RAISED = "finding_raised"

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
    if what in _DECISIONS:
        routed = (Place.LEDGER, f"{line.data['decision_id']}/routed/{line.id}")
        yield Claim("routing", line.id, Place.ON_PROGRESS, line.id, line.authority, routed)
    elif what == "push.opened":
        yield _told(line, "push", line.data["push_id"], line.data["recipient"], "push-opened")
    elif what in _RESULTS and goes_back(line):
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


def is_decision(line: Line) -> bool:
    """Whether a bureau decided something, not what else is said about decisions."""
    return line.what in _DECISIONS


def is_result(line: Line) -> bool:
    """Whether supervision found something, not what became of it."""
    return line.what in _RESULTS


def goes_back(line: Line) -> bool:
    """Whether a result concerns a bureau's licence; others are facts about the party alone."""
    return bool(line.data.get("decision_id") and line.authority)


def raised_by(line: Line) -> list[str]:
    """One finding for each rule of approval that a decision event breaks."""
    if not is_decision(line):
        return []
    return [finding_id(line.id, broken["rule"]) for broken in line.data.get("irregularities", ())]


def _in_stores(line: Line) -> Iterator[tuple[str, Place, str]]:
    what = line.what
    if what in _DECISIONS:
        yield "decision", Place.DECISIONS, line.id
        for finding in raised_by(line):
            yield "finding", Place.BUREAU_FINDINGS, finding
            yield "finding", Place.FINDINGS, finding
    elif what in _RESULTS:
        yield "result", Place.RESULTS, line.data["result_id"]
        if goes_back(line):
            yield "result", Place.INCOMING, line.data["result_id"]
    elif what.startswith("feed."):
        yield "feed entry", Place.ENTRIES, line.id
    elif what in _STORED:
        stage, place, name = _STORED[what]
        yield stage, place, line.data[name]
    elif what.startswith("credit."):
        yield "credit act", Place.ACTS, line.id


def _in_the_ledger(line: Line) -> Iterator[tuple[str, Place, str]]:
    decision = line.data.get("decision_id")
    if decision is None or line.what not in LEDGER_FACTS:
        return
    kind, name = LEDGER_FACTS[line.what]
    yield "ledger fact", Place.LEDGER, f"{decision}/{kind}/{line.data[name] if name else line.id}"
    for finding in raised_by(line):
        yield "ledger fact", Place.LEDGER, f"{decision}/{RAISED}/{finding}"


def _in_credit(line: Line) -> Iterator[tuple[str, Place, str]]:
    for fact in facts_of(line):
        yield "credit fact", Place.FACTS, fact


def _told(line: Line, stage: str, id_: str, recipient: str, entry: str) -> Claim:
    proof = (Place.ENTRIES, entry_id(recipient, f"linkage.feed.{entry}.v1", line.id))
    return Claim(stage, id_, Place.ON_FEEDS, line.id, line.authority, proof)

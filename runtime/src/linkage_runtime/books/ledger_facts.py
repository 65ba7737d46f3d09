"""Which facts of a linkage's ledger an event is, recounted by the books.

A second opinion on purpose: it imports nothing of approval-events, and a test compares the two.
"""

from collections.abc import Iterator

from linkage_contracts.codes import ActionOutcome
from linkage_contracts.ids import breach_id, stable_id
from linkage_runtime.books.line import DECISION_KINDS, RESULT_KINDS, Line, is_decision, raised_by

LEDGER_FACTS: dict[str, tuple[str, str | None]] = {
    **{f"decision.{kind}": ("decided", None) for kind in DECISION_KINDS},
    "decision.unrouted": ("unrouted", "pool_id"),
    "push.opened": ("opened", "push_id"),
    "push.delivered": ("delivered", "push_id"),
    "push.received": ("received", "push_id"),
    "push.returned": ("returned", "push_id"),
    "push.recalled": ("recalled", "push_id"),
    "push.enrolled": ("enrolled", "push_id"),
    "push.fed-back": ("fed_back", None),
    **{f"result.{kind}": ("found", "result_id") for kind in RESULT_KINDS},
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
    "action.breach-notified": ("breach_notified", None),
    "action.breach-heard": ("breach_heard", None),
    "action.breach-found": ("breach_found", None),
    "action.breach-dismissed": ("breach_dismissed", None),
    "action.breach-warned": ("breach_warned", None),
    "action.breach-mended": ("breach_mended", None),
    "action.breach-sanctioned": ("breach_sanctioned", None),
    "action.tolerance-expired": ("tolerance_expired", None),
    "action.tolerance-supplemented": ("tolerance_supplemented", None),
    "action.tolerance-terminated": ("tolerance_terminated", None),
    "deadline.warned": ("warned", None),
    "deadline.overdue": ("overdue", None),
    "deadline.escalated": ("escalated", None),
    "deadline.changed": ("deadline_changed", None),
    "escalation.answered": ("escalation_answered", "escalation_id"),
}
"""What an event is in a linkage's ledger, and by what it is named there; by its own id if not."""
RAISED = "finding_raised"
_VERDICTS = {
    str(ActionOutcome.BREACH_CONFIRMED): "breach_found",
    str(ActionOutcome.BREACH_NOT_CONFIRMED): "breach_dismissed",
}
_SUSPECTS = "linkage.result.commitment-broken.v1"
_CHANGES = {
    "credit.repaired": "breach_repaired",
    "credit.repair-revoked": "breach_restored",
    "credit.objection-decided": "breach_overturned",
    "credit.fact-withdrawn": "breach_overturned",
}
_BREACHES = {"breach_found", "breach_confirmed"}
BESIDE = frozenset({RAISED, "breach_suspected", "breach_returned", "tolerated", *_CHANGES.values()})
"""What some events say besides: findings that a decision raises, what it was accepted without
(容缺), steps of a breach (违诺)."""
_LACKS_NOTHING = {"refused", "withdrawn", "annulled", "deregistered"}


def ledger_facts(line: Line) -> Iterator[tuple[str, str]]:
    """(kind, key) of each."""
    if line.what in LEDGER_FACTS:
        kind, name = LEDGER_FACTS[line.what]
        yield kind, line.data[name] if name else line.id
    for finding in raised_by(line):
        yield RAISED, finding
    tolerance = line.data.get("tolerance")
    if tolerance and is_decision(line):
        if "supplemented_on" not in tolerance and line.data["kind"] not in _LACKS_NOTHING:
            yield "tolerated", line.id
    elif line.type == _SUSPECTS and line.authority:
        yield "breach_suspected", line.id
    elif line.what == "action.reported" and line.data.get("outcome") in _VERDICTS:
        yield _VERDICTS[line.data["outcome"]], line.id
    elif line.what == "action.result-returned" and line.data.get("result_type") == _SUSPECTS:
        yield "breach_returned", line.id


def changed_breaches(line: Line) -> Iterator[tuple[str, str, str]]:
    """(decision, kind, key) of each breach that an act on credit facts is about."""
    if line.what not in _CHANGES or line.data.get("is_upheld") is False:
        return
    for source in line.data.get("about", ()):
        if source["kind"] in _BREACHES and {"result_id", "decision_id"} <= source.keys():
            key = stable_id("breach change", line.id, breach_id(source["result_id"]))
            yield source["decision_id"], _CHANGES[line.what], key

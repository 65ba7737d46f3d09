"""Which credit facts an event is, recounted by the books: credit keeps one for each kind it tells.

A second opinion on purpose: it imports nothing of credit, and a test compares the two.
"""

from collections.abc import Iterator, Mapping

from linkage_contracts.codes import ActionOutcome, DecisionKind, PartyKind
from linkage_contracts.identity import is_uscc
from linkage_contracts.ids import stable_id
from linkage_runtime.books.line import Line

_COMMITTING = (DecisionKind.GRANTED, DecisionKind.RENEWED)
_RECTIFIED = {"qualified": "qualified", "continue": "continued", "enforce": "enforced"}
_VERDICTS = {
    str(ActionOutcome.BREACH_CONFIRMED): "breach_confirmed",
    str(ActionOutcome.BREACH_NOT_CONFIRMED): "breach_cleared",
}
_STEPS = {
    "action.breach-found": "breach_confirmed",
    "action.breach-dismissed": "breach_cleared",
}
_ACTS = {
    "credit.repaired": "facts_repaired",
    "credit.supplement-overdue": "supplement_overdue",
    "credit.listed": "listed",
    "credit.delisted": "delisted",
    "credit.fact-withdrawn": "fact_withdrawn",
    "credit.fact-corrected": "fact_corrected",
    "credit.objection-raised": "objection_raised",
    "credit.objection-withdrawn": "objection_withdrawn",
    "credit.repair-revoked": "repair_revoked",
}


def facts_of(line: Line) -> Iterator[str]:
    """The ids of the facts that this event is."""
    if line.what == "action.tolerance-expired" and is_uscc(line.key):
        # The same fact, whether a clock tells it or the bureau.
        told = stable_id("overdue", line.key, line.data["decision_id"], line.data["due_on"])
        yield stable_id("fact", told, "supplement_overdue")
    for kind in _kinds(line):
        yield stable_id("fact", line.id, kind)


def _kinds(line: Line) -> Iterator[str]:
    what, outcome = line.what, str(line.data.get("outcome"))
    if what in _ACTS:
        yield _ACTS[what]
    elif what == "credit.objection-decided":
        yield "objection_upheld" if line.data["is_upheld"] else "objection_rejected"
    elif what == "action.reported" and outcome in _VERDICTS and is_uscc(line.key):
        yield _VERDICTS[outcome]
    elif what in _STEPS and is_uscc(line.key):
        yield _STEPS[what]
    elif what == "action.tolerance-supplemented":
        if line.data.get("clears") and is_uscc(line.key):
            yield "fact_withdrawn"
    elif _is_rated(line.data.get("party")):
        yield from _about_party(line, outcome)


def _about_party(line: Line, outcome: str) -> Iterator[str]:
    what, kind = line.what, line.data.get("kind")
    if what.startswith("decision.") and what != "decision.unrouted":
        yield f"licence_{kind}"
        if line.data.get("commitment") and kind in _COMMITTING:
            yield "commitment_made"
    elif what == "result.inspection-recorded":
        yield f"inspection_{outcome}"
    elif what == "result.penalty-imposed":
        yield "penalty_imposed"
    elif what == "result.rectification-ended":
        yield f"rectification_{_RECTIFIED[outcome]}"
    elif what == "result.commitment-broken":
        yield "breach_found"


def _is_rated(party: object) -> bool:
    return (
        isinstance(party, Mapping)
        and party.get("kind") != PartyKind.NATURAL_PERSON
        and party.get("code") is not None
    )

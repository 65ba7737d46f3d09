"""Findings as callers see them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from approval_events.application.finding_ports import FindingCount
from approval_events.domain.facts import Fact, FactKind
from approval_events.domain.finding import Finding, FindingState
from approval_events.domain.linkage import Linkage

_STEPS = (
    *(FactKind.FINDING_ANSWERED, FactKind.FINDING_SENT_BACK, FactKind.FINDING_ACCEPTED),
    *(FactKind.FINDING_CLOSED, FactKind.ESCALATED),
)
_OF_THE_FINDING = {"type", "finding_id", "decision_event_id", "rule"}
_OF_THE_BREACH = (
    *("decision_event_id", "document_number", "region", "rule", "severity", "ground"),
    "breach",
)


def finding_view(finding: Finding) -> dict[str, Any]:
    """One finding with everything that was done about it, in order."""
    raised = finding.raised
    breach: Mapping[str, Any] = raised.detail if raised else {}
    return {
        "finding_id": finding.finding_id,
        "decision_id": raised.linkage if raised else None,
        "authority": raised.authority if raised else None,
        "state": finding.state,
        "round": finding.round,
        "raised_at": raised.at if raised else None,
        **{field: breach.get(field) for field in _OF_THE_BREACH},
        "steps": [_step(fact) for fact in _in_order(finding)],
    }


def findings_of(linkage: Linkage) -> list[Finding]:
    """The findings on one linkage's page, oldest first."""
    found: dict[str, list[Fact]] = {}
    for fact in sorted(linkage.all_facts(), key=lambda fact: fact.order):
        if "finding_id" in fact.detail:
            found.setdefault(str(fact.detail["finding_id"]), []).append(fact)
    return [Finding(finding_id=id_, facts={}).merge(facts) for id_, facts in found.items()]


def counts_view(counts: Iterable[FindingCount], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """One line for each authority and rule, with a column for each state."""
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    for one in counts:
        line = lines.setdefault(
            (one.authority, one.rule),
            {
                "authority": one.authority,
                "authority_name": names.get(one.authority, one.authority),
                "rule": one.rule,
                "findings": 0,
                **dict.fromkeys(map(str, FindingState), 0),
            },
        )
        line["findings"] += one.count
        line[str(one.state)] = one.count
    return list(lines.values())


def _in_order(finding: Finding) -> Sequence[Fact]:
    facts = [fact for kind in _STEPS for fact in finding.of(kind)]
    return sorted(facts, key=lambda fact: fact.order)


def _step(fact: Fact) -> dict[str, Any]:
    said = {name: value for name, value in fact.detail.items() if name not in _OF_THE_FINDING}
    return {"what": fact.kind, "at": fact.at, **said}

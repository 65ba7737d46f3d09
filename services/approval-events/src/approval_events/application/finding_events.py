"""What all events about findings have in common."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from approval_events.application.ports import Measurements
from approval_events.domain.facts import Fact
from approval_events.domain.finding import Finding
from approval_events.domain.refusals import NotYetKnownError


def breach_of(finding: Finding) -> Fact:
    """The breach that a finding is about.

    Raises:
        NotYetKnownError: only what was done about it is known yet.
    """
    if finding.raised is None:
        raise NotYetKnownError(finding.finding_id, "尚未入账,请稍后再试", "not yet: try again")
    return finding.raised


def envelope(finding: Finding, event_id: str, by: tuple[str, str], at: datetime) -> dict[str, Any]:
    """The envelope of an act; ``by`` is in whose name it stands, and whose key sent it."""
    breach = breach_of(finding)
    organisation, emitter = by
    return {
        "id": event_id,
        "source": f"/organisations/{organisation}",
        "subject": breach.linkage,
        "time": at,
        "recordedtime": at,
        "partitionkey": breach.detail["party"],
        "emitter": emitter,
    }


def about(finding: Finding) -> dict[str, Any]:
    """Which finding."""
    breach = breach_of(finding)
    return {
        "finding_id": finding.finding_id,
        "decision_id": breach.linkage,
        "decision_event_id": breach.detail["decision_event_id"],
        "authority": breach.authority,
        "rule": breach.detail["rule"],
    }


def measure_outcomes(outcome: str, findings: Iterable[Finding], measurements: Measurements) -> None:
    """Count what was done about findings just now, by their rules."""
    for finding in findings:
        measurements.finding(str(breach_of(finding).detail["rule"]), outcome)

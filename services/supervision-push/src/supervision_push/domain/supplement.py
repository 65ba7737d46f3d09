"""Tolerance supplements (容缺): what a decision was accepted without, and by when it is due.

Owed by the approving bureau. A supplement stops when a later version of the decision comes without
that tolerance, or the decision ends, or the bureau says what became of it; a version that still
carries it changes nothing.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import Clock
from linkage_contracts.decisions import DecisionEvent, DecisionIssued
from supervision_push.domain.clocks import RunningClock
from supervision_push.domain.ending import ENDS, Ending
from supervision_push.domain.item_terms import supplement_terms
from supervision_push.domain.terms import Schedule, start_clock, start_of

_ISSUED, _LATER, _ENDING = range(3)
"""In what order versions of one day come that were recorded in one batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplement:
    """What one decision still lacks."""

    supplement_id: str
    decision_id: str
    authority: str
    party: str
    missing: tuple[str, ...]
    version: str
    """Sorts as the versions of the decision do."""
    clock: RunningClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseding:
    """A version that stops the supplements of earlier ones, but for the one that it carries on."""

    decision_id: str
    version: str
    at: datetime
    carries_on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The bureau said what became of it."""

    supplement_id: str
    at: datetime


def supplement_of(
    event: DecisionEvent, catalogue: Catalogue, schedule: Schedule
) -> Supplement | None:
    """What this version of its decision lacks, if anything."""
    decision = event.data
    identity, tolerance = event.supplement_id, event.data.tolerance
    if identity is None or tolerance is None:
        return None
    terms = supplement_terms(schedule.terms, catalogue, decision.items)
    return Supplement(
        supplement_id=identity,
        decision_id=decision.decision_id,
        authority=decision.authority.id,
        party=event.partitionkey,
        missing=tolerance.missing,
        version=_version(event),
        clock=start_clock(
            Clock.TOLERANCE_SUPPLEMENT,
            # From 容缺受理; the decision is later, and so never too strict.
            started_at=start_of(decision.accepted_on or decision.decided_on),
            schedule=replace(schedule, terms=terms),
            due_on=tolerance.supplement_by,
        ),
    )


def superseding(event: DecisionEvent) -> Superseding | None:
    """What a later version makes of the supplements before it."""
    if isinstance(event, DecisionIssued):
        return None
    return Superseding(
        decision_id=event.data.decision_id,
        version=_version(event),
        at=event.recordedtime,
        carries_on=event.supplement_id,
    )


def superseded_by(ending: Ending) -> Superseding:
    """What an ending makes of supplements, though the version that is late comes after it."""
    return Superseding(
        decision_id=ending.decision_id,
        version=_sortable(ending.on, ending.at, _ENDING),
        at=ending.at,
    )


def _version(event: DecisionEvent) -> str:
    if event.data.kind in ENDS:
        rank = _ENDING
    else:
        rank = _ISSUED if isinstance(event, DecisionIssued) else _LATER
    return _sortable(event.data.effective_on, event.recordedtime, rank)


def _sortable(effective_on: date, recorded: datetime, rank: int) -> str:
    instant = recorded.astimezone(UTC).isoformat(timespec="milliseconds")
    return f"{effective_on.isoformat()}|{instant}|{rank}"

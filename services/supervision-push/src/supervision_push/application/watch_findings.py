"""Let a clock run on every finding (预警纠错) until its bureau answers, or the finding is closed.

Decisions and the acts on their findings come over different topics, so in any order: every step is
noted under its round, and the clock follows from all of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from linkage_contracts.actions import FindingAnswered, FindingClosed, FindingSentBack
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.envelope import Event
from linkage_contracts.ids import finding_id
from supervision_push.domain.clocks import RunningClock
from supervision_push.domain.terms import Schedule, answer_clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An answer is owed from now on: a finding was raised, or its last answer was sent back."""

    finding_id: str
    round: int
    decision_id: str
    authority: str
    party: str
    clock: RunningClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The answer of this round was given."""

    finding_id: str
    round: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """Nothing more is owed, in any round."""

    finding_id: str
    at: datetime


Step = Asked | Answered | Closed


class FindingClocks(Protocol):
    """One clock for each finding, on its latest round."""

    async def note(self, steps: Sequence[Step]) -> None:
        """Enter steps, and let the clocks be what all steps say; again changes nothing."""


async def watch_findings(
    events: Sequence[Event], *, findings: FindingClocks, schedule: Schedule
) -> None:
    """Start and stop the clocks that these decisions and acts are about; mostly there are none."""
    # Of two contents under one id the first stands; the ledger of linkages tells of the conflict.
    firsts = {event.id: event for event in reversed(events)}
    steps = [step for event in reversed(firsts.values()) for step in _steps(event, schedule)]
    if steps:
        await findings.note(steps)


def _steps(event: Event, schedule: Schedule) -> Iterator[Step]:
    match event:
        case DecisionEvent(data=decision):
            for found in decision.irregularities:
                yield Asked(
                    finding_id=finding_id(event.id, found.rule),
                    round=0,
                    decision_id=decision.decision_id,
                    authority=decision.authority.id,
                    party=event.partitionkey,
                    clock=answer_clock(event.recordedtime, schedule),
                )
        case FindingSentBack(data=act):
            yield Asked(
                finding_id=act.finding_id,
                round=act.round + 1,
                decision_id=act.decision_id,
                authority=act.authority,
                party=event.partitionkey,
                clock=answer_clock(event.time, schedule),
            )
        case FindingAnswered(data=act):
            yield Answered(finding_id=act.finding_id, round=act.round, at=event.time)
        case FindingClosed(data=act):
            yield Closed(finding_id=act.finding_id, at=event.time)

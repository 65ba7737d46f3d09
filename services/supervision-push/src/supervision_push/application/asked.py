"""What is asked of an authority in rounds, one after the other, each with its clock.

Of a finding, an answer, and another when that was sent back; of a breach, the hearing, then the
verdict, then a warning or a sanction, then word that it was mended; of a case, its decision.
Questions and answers come over different topics, so in any order: every step is noted under its
round, and the clock follows from all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from supervision_push.domain.clocks import RunningClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Something is owed from now on."""

    subject_id: str
    """The finding, the breach or the case."""
    round: int
    decision_id: str | None
    authority: str
    party: str
    clock: RunningClock
    counterpart: str | None = None
    """Who else is told when it is overdue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What this round asked for was done."""

    subject_id: str
    round: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """Nothing more is owed, in any round that was asked before."""

    subject_id: str
    at: datetime
    referred_to: str | None = None
    """Who knows of it besides, from now on."""


Step = Asked | Answered | Closed


class RoundClocks(Protocol):
    """One clock for each subject, on its latest round."""

    async def note(self, steps: Sequence[Step]) -> None:
        """Enter steps, and let the clocks be what all steps say; again changes nothing."""

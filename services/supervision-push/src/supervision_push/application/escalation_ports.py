"""Where escalations (督办) are kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from supervision_push.application.ports import Letter
from supervision_push.domain.escalation import Escalation


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationStep:
    """One escalation before and after, and what is to be told of it."""

    before: Escalation
    after: Escalation
    letters: tuple[Letter, ...]


class EscalationBook(Protocol):
    """All escalations, answered and not."""

    async def open(self, escalations: Sequence[Escalation]) -> None:
        """Store what is new; one that was raised or answered since is not reset."""

    async def find(self, escalation_ids: Iterable[str]) -> dict[str, Escalation]:
        """Those that are there."""

    async def unanswered(self, at: datetime, limit: int) -> list[Escalation]:
        """Those to be raised again at ``at``, earliest first."""

    async def save(self, steps: Sequence[EscalationStep]) -> int:
        """Write each with its letters, if it still stands as before; how many did."""

    async def flush(self, escalation_ids: Sequence[str]) -> None:
        """Publish what these hold."""

"""What the worker does with every kind of matter alike."""

from collections.abc import Iterable
from typing import Protocol

from approval_events.domain.facts import Fact


class MatterBooks(Protocol):
    """Matters of one kind, as the worker enters them from the log."""

    async def note(self, facts: Iterable[Fact]) -> None:
        """Enter those facts that they are made of; again changes nothing."""

"""What the use cases about results that came back work with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from approval_events.application.acts import ActStore
from approval_events.domain.facts import Fact
from approval_events.domain.result_acts import IncomingResult
from linkage_contracts.envelope import Event
from linkage_contracts.results import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """One act on a result, to be written together with the event that tells of it."""

    subject_id: str
    step: Literal["received", "returned", "reported"]
    content: Mapping[str, Any]
    event: Event


IncomingResults = ActStore[IncomingResult, Admission]
"""Results that came back, and what the bureau did about each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundResult:
    """A result that goes back to an approving authority, with the event that told of it."""

    event: Event
    result: Result


class ResultBooks(Protocol):
    """The same results, as the worker enters them from the log."""

    async def add(self, found: Sequence[FoundResult]) -> None:
        """Keep results that came back; done again, changes nothing."""

    async def note(self, facts: Iterable[Fact]) -> None:
        """Enter what the log says was done about results."""

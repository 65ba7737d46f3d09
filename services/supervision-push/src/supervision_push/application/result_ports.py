"""What the result use cases need from outside."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from linkage_contracts.parties import SealedPerson
from linkage_contracts.results import AnyResultEvent
from supervision_push.domain.clocks import RunningClock
from supervision_push.domain.result import Concern
from supervision_push.domain.submitted_result import SubmittedParty


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """How a supervisor named the licence: by its own push, or by the decision it was pushed."""

    supervisor: str
    push_id: str | None = None
    decision_id: str | None = None


class PushedDecisions(Protocol):
    """What was pushed to whom, with the decision's party and region."""

    async def concerned(self, references: Iterable[Reference]) -> Mapping[Reference, Concern]:
        """Those that this supervisor was pushed; of several pushes of a decision, the latest."""


class SealParties(Protocol):
    """Seals what identifies natural persons."""

    async def __call__(self, parties: Sequence[SubmittedParty]) -> list[SealedPerson]:
        """In the order given."""


class Act(StrEnum):
    """What a bureau does about a result."""

    RECEIVED = "received"
    RETURNED = "returned"
    REPORTED = "reported"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewResult:
    """A result as it came, and the deadlines of whoever must answer it."""

    event: AnyResultEvent
    body: bytes
    clocks: tuple[RunningClock, ...]

    @property
    def identity(self) -> tuple[str, str]:
        """Which result, and with which content."""
        return self.event.data.result_id, self.event.data.digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """One act on one result."""

    result_id: str
    act: Act
    at: datetime


class ResultBook(Protocol):
    """All results; a result and the acts on it may become known in any order."""

    async def digests(self, result_ids: Iterable[str]) -> Mapping[str, str]:
        """The digests of those that are known."""

    async def add(self, results: Sequence[NewResult]) -> frozenset[tuple[str, str]]:
        """Store what is new; a second content under a known id is kept aside.

        Returns:
            Result id and digest of those kept aside.
        """

    async def mark(self, acts: Sequence[Acted]) -> None:
        """Note each act, the earliest of its kind, and stop the clocks that it ends."""

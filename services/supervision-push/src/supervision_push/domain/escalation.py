"""Escalation (督办): what is late becomes a superior's business and demands a recorded answer."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import Clock
from linkage_contracts.deadlines import DeadlineRef
from supervision_push.domain.clocks import Level
from supervision_push.domain.push import OutOfOrderError


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """督办答复: why it is late, and what is done about it."""

    at: datetime
    by: str
    explanation: str
    measures: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """One level of one missed deadline; raised again until it is answered."""

    escalation_id: str
    about: DeadlineRef
    organisation: str
    """Who owes, and has to answer."""
    superiors: tuple[str, ...]
    party: str
    clock: Clock
    due_on: date
    level: Level
    raised_at: datetime
    """When it was told first."""
    raise_at: datetime
    """When it is raised again, unless it is answered by then."""
    times: int = 1
    answer: Answer | None = None

    def answered(self, answer: Answer) -> Self:
        """Record the answer; the same words again change nothing.

        Raises:
            OutOfOrderError: it was answered otherwise.
        """
        if self.answer is None:
            return replace(self, answer=answer)
        if replace(self.answer, at=answer.at, by=answer.by) == answer:
            return self
        raise OutOfOrderError("已答复其他内容 (it was answered otherwise before)")

    def raised_again(self, next_at: datetime) -> Self:
        """Once more, for want of an answer; what is answered rests."""
        if self.answer is not None:
            return self
        return replace(self, times=self.times + 1, raise_at=next_at)


def superiors(catalogue: Catalogue, organisation: str, level: Level) -> tuple[str, ...]:
    """To whom the configuration escalates: named per authority, else the region's oversight."""
    known = catalogue.authority_by_id.get(organisation)
    named = known.escalates_to if known else None
    if known and level is Level.ESCALATED_AGAIN:
        named = known.escalates_again_to or named
    return named or tuple(one.id for one in catalogue.overseers(known.region if known else ""))


def oversees(catalogue: Catalogue, overseer: str, organisation: str) -> bool:
    """Whether one is the other's superior at some level, or watches its region."""
    known = catalogue.authority_by_id.get(organisation)
    watching = catalogue.overseers(known.region if known else "")
    levels = (Level.ESCALATED, Level.ESCALATED_AGAIN)
    named = [one for level in levels for one in superiors(catalogue, organisation, level)]
    return overseer in [*named, *(one.id for one in watching)]

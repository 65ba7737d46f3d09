"""Acts on facts of credit, as events of ``credit.acts.v1``: withdrawn or corrected by their source.

Every act is a whole statement of one authority, with its ground; the rating follows from it.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from linkage_contracts.codes import PenaltyKind
from linkage_contracts.envelope import Event, Value
from linkage_contracts.ids import Id


class Act(Value):
    """What all acts share; ``by`` is the authority that answers for it."""

    party: str
    by: str
    on: date
    ground: str


class FactSource(Value):
    """Where a fact that an act is about comes from, so that whoever was told of it finds it."""

    fact: Id
    kind: str
    authority: str
    """Who recorded it, and decides about it (谁认定、谁修复)."""
    event_id: Id
    result_id: Id | None = None
    decision_id: Id | None = None
    document_number: str | None = None
    told: Annotated[tuple[str, ...], Field(exclude_if=lambda told: not told)] = ()
    """Who else was told of it on a feed, by the event that it comes from."""


Sources = Annotated[tuple[FactSource, ...], Field(exclude_if=lambda sources: not sources)]


class AboutFacts(Act):
    """What acts share that say of which facts they are; unset in acts written before."""

    about: Sources = ()

    @property
    def authorities(self) -> tuple[str, ...]:
        """Whose facts they are, each once."""
        return tuple(dict.fromkeys(source.authority for source in self.about))


class Withdrawal(AboutFacts):
    """撤回: the fact never was, and counts on no day."""

    fact: Id


class Correction(Act):
    """更正: what the fact really was, from the beginning; what is not given stays."""

    fact: Id
    occurred_on: date | None = None
    kinds: tuple[PenaltyKind, ...] = ()
    fine: Decimal | None = None


class FactWithdrawn(Event):
    """A fact was withdrawn by its source."""

    type: Literal["linkage.credit.fact-withdrawn.v1"] = "linkage.credit.fact-withdrawn.v1"
    data: Withdrawal


class FactCorrected(Event):
    """A fact was corrected by its source."""

    type: Literal["linkage.credit.fact-corrected.v1"] = "linkage.credit.fact-corrected.v1"
    data: Correction

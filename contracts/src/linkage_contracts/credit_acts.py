"""Topic ``credit.acts.v1``: what was done about facts: corrected, disputed, listed, repaired.

Every act is a whole statement of one authority, with its ground; the rating follows from it.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from linkage_contracts.envelope import Event, Value
from linkage_contracts.facts import Act, FactCorrected, FactWithdrawn
from linkage_contracts.ids import Id
from linkage_contracts.objections import ObjectionDecided, ObjectionRaised, ObjectionWithdrawn
from linkage_contracts.repairs import (
    FactsRepaired,
    RepairApplied,
    RepairRefused,
    RepairRevoked,
    RepairWithdrawn,
)


class OverdueSupplement(Act):
    """容缺逾期: materials owed under tolerance did not come in time."""

    decision_id: Id
    due_on: date
    missing: tuple[str, ...]
    authority: str | None = None
    """The bureau that decided; unset in acts written before, which it did itself."""


class ListEntered(Act):
    """列入名单, with what the list's rules said on that day."""

    entry_id: Id
    list_code: str
    title: str
    until: date
    """From this day on the entry no longer counts, by itself."""
    exit_from: date
    """The first day on which removal may be sought."""
    is_adverse: bool
    suspended_by_objection: bool
    document_number: str | None = None


class ListLeft(Act):
    """移出名单, before the term ended."""

    fact: Id
    list_code: str


class ToldOn(Value):
    """One entry on one organisation's feed."""

    organisation: str
    entry_id: Id


class Telling(Value):
    """Who was told of a fact, and has now been told what an act did to it."""

    act_id: Id
    entries: tuple[ToldOn, ...]


class SupplementOverdue(Event):
    """Materials owed under tolerance were not supplied in time."""

    type: Literal["linkage.credit.supplement-overdue.v1"] = "linkage.credit.supplement-overdue.v1"
    data: OverdueSupplement


class PartyListed(Event):
    """A party was entered on a list."""

    type: Literal["linkage.credit.listed.v1"] = "linkage.credit.listed.v1"
    data: ListEntered


class PartyDelisted(Event):
    """A party was removed from a list."""

    type: Literal["linkage.credit.delisted.v1"] = "linkage.credit.delisted.v1"
    data: ListLeft


class ChangeTold(Event):
    """Whoever was told of a fact was told what became of it; supervision-push says so."""

    type: Literal["linkage.credit.change-told.v1"] = "linkage.credit.change-told.v1"
    data: Telling


CaseEvent = (
    ObjectionRaised
    | ObjectionDecided
    | ObjectionWithdrawn
    | RepairApplied
    | RepairRefused
    | RepairWithdrawn
    | FactsRepaired
    | RepairRevoked
)
"""What is filed with an authority, and what comes of it."""
ChangingEvent = FactsRepaired | RepairRevoked | ObjectionDecided | FactWithdrawn
"""What makes a fact count no longer, or again; an objection does so if it was upheld."""


def filed_id(event: CaseEvent) -> str | None:
    """The application or objection that an act is about; ``None`` of a repair of before."""
    if isinstance(event, ObjectionRaised | ObjectionDecided | ObjectionWithdrawn):
        return event.data.objection_id
    return event.data.application_id


def is_change(event: ChangingEvent) -> bool:
    """Whether it changes how facts count: an objection that was rejected does not."""
    return not isinstance(event, ObjectionDecided) or event.data.is_upheld


AnyCaseEvent = Annotated[CaseEvent, Field(discriminator="type")]
AnyCreditAct = Annotated[
    FactWithdrawn
    | FactCorrected
    | ObjectionRaised
    | ObjectionDecided
    | ObjectionWithdrawn
    | SupplementOverdue
    | PartyListed
    | PartyDelisted
    | RepairApplied
    | RepairRefused
    | RepairWithdrawn
    | FactsRepaired
    | RepairRevoked
    | ChangeTold,
    Field(discriminator="type"),
]

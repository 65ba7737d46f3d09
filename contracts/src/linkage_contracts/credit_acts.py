"""Topic ``credit.acts.v1``: what was done about facts: corrected, disputed, listed, repaired.

Every act is a whole statement of one authority, with its ground; the rating follows from it.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from linkage_contracts.codes import PenaltyKind
from linkage_contracts.decisions import Document
from linkage_contracts.envelope import Event, Value
from linkage_contracts.ids import Id


class Act(Value):
    """What all acts share; ``by`` is the authority that answers for it."""

    party: str
    by: str
    on: date
    ground: str


class Withdrawal(Act):
    """撤回: the fact never was, and counts on no day."""

    fact: Id


class Correction(Act):
    """更正: what the fact really was, from the beginning; what is not given stays."""

    fact: Id
    occurred_on: date | None = None
    kinds: tuple[PenaltyKind, ...] = ()
    fine: Decimal | None = None


class Objection(Act):
    """异议: somebody disputes a fact; where its list says so, it is not used meanwhile."""

    objection_id: Id
    fact: Id


class ObjectionAnswer(Act):
    """异议处理: upheld, the fact never counted; rejected, it stands."""

    objection_id: Id
    fact: Id
    is_upheld: bool


class OverdueSupplement(Act):
    """容缺逾期: materials owed under tolerance did not come in time."""

    decision_id: Id
    due_on: date
    missing: tuple[str, ...]


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


class RepairTerm(Value):
    """For one fact: its class and the days that follow from it (NDRC Order No. 36)."""

    fact: Id
    authority: str
    """Who decides: 谁认定、谁修复."""
    seriousness: Literal["minor", "ordinary", "serious"]
    repairable_from: date
    published_until: date


class RepairApplication(Act):
    """信用修复一件事: one form for every authority concerned."""

    application_id: Id
    terms: tuple[RepairTerm, ...]
    commitment: str
    """The public credit commitment (公开信用承诺)."""
    materials: tuple[Document, ...]
    """Evidence that the behaviour is corrected and every duty performed."""


class RepairRefusal(Act):
    """An authority refused to repair its facts; the ground names the condition not met."""

    application_id: Id
    facts: tuple[Id, ...]


class Repair(Value):
    """信用修复: from its date on, these facts no longer count."""

    party: str
    facts: tuple[Id, ...]
    decided_by: str
    decided_on: date
    ground: str
    application_id: Id | None = None
    effects: tuple[str, ...] | None = None
    """What ends on that day: publication, sharing, sanctions."""


class FactWithdrawn(Event):
    """A fact was withdrawn by its source."""

    type: Literal["linkage.credit.fact-withdrawn.v1"] = "linkage.credit.fact-withdrawn.v1"
    data: Withdrawal


class FactCorrected(Event):
    """A fact was corrected by its source."""

    type: Literal["linkage.credit.fact-corrected.v1"] = "linkage.credit.fact-corrected.v1"
    data: Correction


class ObjectionRaised(Event):
    """A fact was disputed."""

    type: Literal["linkage.credit.objection-raised.v1"] = "linkage.credit.objection-raised.v1"
    data: Objection


class ObjectionDecided(Event):
    """An objection was upheld or rejected."""

    type: Literal["linkage.credit.objection-decided.v1"] = "linkage.credit.objection-decided.v1"
    data: ObjectionAnswer


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


class RepairApplied(Event):
    """Credit repair was applied for."""

    type: Literal["linkage.credit.repair-applied.v1"] = "linkage.credit.repair-applied.v1"
    data: RepairApplication


class RepairRefused(Event):
    """Credit repair was refused."""

    type: Literal["linkage.credit.repair-refused.v1"] = "linkage.credit.repair-refused.v1"
    data: RepairRefusal


class FactsRepaired(Event):
    """Credit was repaired."""

    type: Literal["linkage.credit.repaired.v1"] = "linkage.credit.repaired.v1"
    data: Repair


AnyCreditAct = Annotated[
    FactWithdrawn
    | FactCorrected
    | ObjectionRaised
    | ObjectionDecided
    | SupplementOverdue
    | PartyListed
    | PartyDelisted
    | RepairApplied
    | RepairRefused
    | FactsRepaired,
    Field(discriminator="type"),
]

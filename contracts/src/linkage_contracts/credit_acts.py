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


class Objection(AboutFacts):
    """异议: somebody disputes a fact; where its list says so, it is not used meanwhile."""

    objection_id: Id
    fact: Id


class ObjectionAnswer(AboutFacts):
    """异议处理: upheld, the fact never counted; rejected, it stands."""

    objection_id: Id
    fact: Id
    is_upheld: bool
    filed_by: str | None = None
    """At whose window it was raised."""


class ObjectionWithdrawal(AboutFacts):
    """撤回异议: the party disputes the fact no longer."""

    objection_id: Id
    fact: Id
    filed_by: str


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

    @property
    def authorities(self) -> tuple[str, ...]:
        """Who decides about some of it, each once."""
        return tuple(dict.fromkeys(term.authority for term in self.terms))


class RepairRefusal(AboutFacts):
    """An authority refused to repair its facts; the ground names the condition not met."""

    application_id: Id
    facts: tuple[Id, ...]
    filed_by: str | None = None


class RepairWithdrawal(AboutFacts):
    """撤回修复申请: what no authority has decided about, nobody need decide about any more."""

    application_id: Id
    filed_by: str


class RepairRevocation(AboutFacts):
    """撤销修复: from its day on the facts count again."""

    repair_id: Id
    """The event of the repair."""
    application_id: Id | None = None
    facts: tuple[Id, ...]
    filed_by: str | None = None


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
    about: Sources = ()
    filed_by: str | None = None

    @property
    def authorities(self) -> tuple[str, ...]:
        """Whose facts they are, each once."""
        return tuple(dict.fromkeys(source.authority for source in self.about))


class ToldOn(Value):
    """One entry on one organisation's feed."""

    organisation: str
    entry_id: Id


class Telling(Value):
    """Who was told of a fact, and has now been told what an act did to it."""

    act_id: Id
    entries: tuple[ToldOn, ...]


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


class ObjectionWithdrawn(Event):
    """An objection was withdrawn by the party."""

    type: Literal["linkage.credit.objection-withdrawn.v1"] = "linkage.credit.objection-withdrawn.v1"
    data: ObjectionWithdrawal


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


class RepairWithdrawn(Event):
    """An application for credit repair was withdrawn by the party."""

    type: Literal["linkage.credit.repair-withdrawn.v1"] = "linkage.credit.repair-withdrawn.v1"
    data: RepairWithdrawal


class FactsRepaired(Event):
    """Credit was repaired."""

    type: Literal["linkage.credit.repaired.v1"] = "linkage.credit.repaired.v1"
    data: Repair


class RepairRevoked(Event):
    """A repair was revoked."""

    type: Literal["linkage.credit.repair-revoked.v1"] = "linkage.credit.repair-revoked.v1"
    data: RepairRevocation


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

"""Credit repair (信用修复), as events of ``credit.acts.v1``."""

from datetime import date
from typing import Literal

from linkage_contracts.decisions import Document
from linkage_contracts.envelope import Event, Value
from linkage_contracts.facts import AboutFacts, Act, Sources
from linkage_contracts.ids import Id


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

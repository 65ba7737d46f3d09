"""Facts (信用事实): what the log tells about a party, each kept once, never judged here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from linkage_contracts.codes import PartyKind, PenaltyKind
from linkage_contracts.ids import stable_id


class FactKind(StrEnum):
    """What kind of thing happened. What it is worth is the scorecard's business."""

    LICENCE_GRANTED = "licence_granted"
    LICENCE_REFUSED = "licence_refused"
    LICENCE_AMENDED = "licence_amended"
    LICENCE_RENEWED = "licence_renewed"
    LICENCE_WITHDRAWN = "licence_withdrawn"
    LICENCE_ANNULLED = "licence_annulled"
    LICENCE_DEREGISTERED = "licence_deregistered"
    COMMITMENT_MADE = "commitment_made"
    INSPECTION_CONFORMS = "inspection_conforms"
    INSPECTION_MOSTLY_CONFORMS = "inspection_mostly_conforms"
    INSPECTION_FAILS = "inspection_fails"
    PENALTY_IMPOSED = "penalty_imposed"
    RECTIFICATION_QUALIFIED = "rectification_qualified"
    RECTIFICATION_CONTINUED = "rectification_continued"
    RECTIFICATION_ENFORCED = "rectification_enforced"
    BREACH_FOUND = "breach_found"
    """A broken commitment was found by supervision: a suspicion until it is confirmed."""
    BREACH_CONFIRMED = "breach_confirmed"
    """认定: the approving authority confirmed it."""
    BREACH_CLEARED = "breach_cleared"
    """The approving authority found that there was none."""
    FACTS_REPAIRED = "facts_repaired"
    """信用修复: from its day on, the facts that it names no longer count."""
    REPAIR_REVOKED = "repair_revoked"
    """撤销修复: from its day on, the repair that it names no longer does anything."""
    SUPPLEMENT_OVERDUE = "supplement_overdue"
    """容缺: the materials that were owed did not come in time."""
    LISTED = "listed"
    """列入名单, until its term ends or it is removed."""
    DELISTED = "delisted"
    """移出名单: from its day on, the entry that it names no longer counts."""
    FACT_WITHDRAWN = "fact_withdrawn"
    """撤回: its source says that the fact never was."""
    FACT_CORRECTED = "fact_corrected"
    """更正: its source says what the fact always was."""
    OBJECTION_RAISED = "objection_raised"
    OBJECTION_UPHELD = "objection_upheld"
    """异议成立: the fact never counted."""
    OBJECTION_REJECTED = "objection_rejected"
    OBJECTION_WITHDRAWN = "objection_withdrawn"


ACT_KINDS = frozenset(
    {
        FactKind.BREACH_CLEARED,
        FactKind.FACTS_REPAIRED,
        FactKind.REPAIR_REVOKED,
        FactKind.DELISTED,
        FactKind.FACT_WITHDRAWN,
        FactKind.FACT_CORRECTED,
        FactKind.OBJECTION_RAISED,
        FactKind.OBJECTION_UPHELD,
        FactKind.OBJECTION_REJECTED,
        FactKind.OBJECTION_WITHDRAWN,
    }
)
"""What only changes how other facts count; it has no points of its own."""

ELIGIBILITY_KINDS = ACT_KINDS | {
    FactKind.BREACH_FOUND,
    FactKind.BREACH_CONFIRMED,
    FactKind.SUPPLEMENT_OVERDUE,
    FactKind.LISTED,
}
"""All that decides whether a party may use commitment (告知承诺) or tolerance (容缺)."""

REPAIRABLE_KINDS = frozenset(
    {
        FactKind.INSPECTION_FAILS,
        FactKind.PENALTY_IMPOSED,
        FactKind.RECTIFICATION_CONTINUED,
        FactKind.RECTIFICATION_ENFORCED,
        FactKind.BREACH_CONFIRMED,
        FactKind.SUPPLEMENT_OVERDUE,
        FactKind.LISTED,
    }
)
"""失信信息: what speaks against a party. A suspicion is cleared or confirmed, not repaired."""

ADVERSE_KINDS = REPAIRABLE_KINDS - {FactKind.LISTED} | {FactKind.BREACH_FOUND}
"""What can only speak against a party; a list may be red or black."""

GOOD_KINDS = frozenset({FactKind.INSPECTION_CONFORMS, FactKind.RECTIFICATION_QUALIFIED})
"""What can only speak for it."""

SCORABLE_KINDS = frozenset(FactKind) - ACT_KINDS
"""What a scorecard may give points for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sanction:
    """What a penalty consisted of; the fine in yuan."""

    kinds: tuple[PenaltyKind, ...]
    fine: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntry:
    """An entry of a list as it was made: what it does doesn't change when the list's rules do."""

    list_code: str
    title: str
    until: date
    """From this day on it no longer counts."""
    exit_from: date
    """The first day on which it may be removed."""
    is_adverse: bool
    """An adverse list bars; a red list doesn't, and nobody needs it repaired."""
    suspended_by_objection: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that happened to one party, with where it comes from."""

    fact_id: str
    party: str
    kind: FactKind
    occurred_on: date
    """The day of the document: terms run from it."""
    occurred_at: datetime
    """The event's own time; it orders the verdicts of one day."""
    authority: str
    """Who recorded it (谁认定、谁修复 goes by this)."""
    event_id: str
    party_name: str | None = None
    decision_id: str | None = None
    result_id: str | None = None
    document_number: str | None = None
    sanction: Sanction | None = None
    party_kind: PartyKind | None = None
    items: tuple[str, ...] = ()
    """Of a decision: the items that it grants or refuses."""
    targets: tuple[str, ...] = ()
    """The ids of the facts that this one repairs, withdraws, corrects, delists or objects to."""
    corrected_on: date | None = None
    """Of a correction: the day that the fact really has, where that was wrong."""
    told: tuple[str, ...] = ()
    """Who besides its authority was told of it on a feed: the other side of the loop."""
    entry: ListEntry | None = None


def fact_id(event_id: str, kind: FactKind) -> str:
    """One event tells one fact of a kind, however often it is read."""
    return stable_id("fact", event_id, kind)


def in_order(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Each fact once, by day and id: whoever reads them so cannot depend on how they arrived."""
    once = {fact.fact_id: fact for fact in facts}
    return tuple(sorted(once.values(), key=lambda fact: (fact.occurred_on, fact.fact_id)))


def kind_in(facts: Iterable[Fact]) -> PartyKind | None:
    """The newest kind that a party is known by."""
    kinds = [fact.party_kind for fact in in_order(facts) if fact.party_kind]
    return kinds[-1] if kinds else None


def name_in(facts: Iterable[Fact]) -> str | None:
    """The newest name that a party goes by; acts on facts don't repeat it."""
    names = [fact.party_name for fact in in_order(facts) if fact.party_name]
    return names[-1] if names else None

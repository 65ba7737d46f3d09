"""What keeps a party from commitment (告知承诺) or tolerance (容缺), and the way to regain them."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from credit.domain.facts import Fact, FactKind
from credit.domain.standing import standing
from linkage_contracts.ratings import Bar


class Use(StrEnum):
    """What a party asks to be given credit for at the counter."""

    COMMITMENT = "commitment"
    TOLERANCE = "tolerance"


# 国办发〔2020〕42号 and the repair rules in force since 2026-04-01 (DOMAIN.md §4.2, §4.4).
_BREACH_GROUND = (
    "违反告知承诺已经认定，信用修复前不得适用告知承诺（国办发〔2020〕42号） "
    "A breach of a commitment was confirmed: no commitment-based approval until credit is repaired"
)
_REPAIR = (
    "请先纠正违诺行为、履行全部义务，再依照《信用修复管理办法》（国家发展改革委令第36号）"
    "向认定机关申请信用修复；修复后即可再次适用 "
    "Correct the breach and perform every duty, then apply to the authority that confirmed it for "
    "credit repair under NDRC Order No. 36; commitments are open again once it is granted"
)
# DOMAIN.md §7: local practice (Xi'an, Fuxin); which breach bars what is an assumption beyond that.
_OVERDUE_GROUND = (
    "容缺受理的材料逾期未补正，信用修复前不再适用容缺受理 "
    "Materials owed under tolerance were not supplied in time: none until credit is repaired"
)
_OVERDUE_REMEDY = (
    "请补齐所欠材料，再向受理机关申请信用修复；未修复前可提交齐全的材料正常办理 "
    "Supply what is owed and apply to the authority for credit repair; complete files are taken "
    "in the ordinary way meanwhile"
)


def bars_of(facts: Iterable[Fact], on: date, use: Use = Use.COMMITMENT) -> tuple[Bar, ...]:
    """What keeps a party from one use on a day."""
    return bars_in(standing(facts, on), use)


def bars_in(counted: Iterable[Fact], use: Use = Use.COMMITMENT) -> tuple[Bar, ...]:
    """The bars among facts that count: each a breach, an adverse list, or materials still owed."""
    return tuple(bar for fact in counted if (bar := _bar(fact, use)))


def _bar(fact: Fact, use: Use) -> Bar | None:
    if fact.kind is FactKind.BREACH_CONFIRMED:
        return _of(fact, _BREACH_GROUND, _REPAIR)
    if fact.kind is FactKind.SUPPLEMENT_OVERDUE and use is Use.TOLERANCE:
        return _of(fact, _OVERDUE_GROUND, _OVERDUE_REMEDY)
    if fact.entry is not None and fact.entry.is_adverse:
        title, until = fact.entry.title, fact.entry.until
        return _of(
            fact,
            f"列入{title}，移出前不得适用 On the list {title}: not open until removed",
            f"依照列入依据纠正后向列入机关申请移出或信用修复；至迟于 {until} 期满自动移出 "
            "Mend what led to the entry and apply to the listing authority for removal or credit "
            f"repair; at the latest the entry ends by itself on {until}",
        )
    return None


def _of(fact: Fact, ground: str, remedy: str) -> Bar:
    return Bar(fact=fact.fact_id, since=fact.occurred_on, ground=ground, remedy=remedy)

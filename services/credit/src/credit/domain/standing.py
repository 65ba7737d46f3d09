"""Which facts count on a day: what was repaired or cleared no longer does, in any order."""

from collections.abc import Iterable
from datetime import date

from credit.domain.facts import Fact, FactKind, in_order
from linkage_contracts.ratings import Bar

_BREACH = frozenset({FactKind.BREACH_FOUND, FactKind.BREACH_CONFIRMED, FactKind.BREACH_CLEARED})

# 国办发〔2020〕42号 and the repair rules in force since 2026-04-01 (DOMAIN.md §4.2, §4.4).
_GROUND = (
    "违反告知承诺已经认定，信用修复前不得适用告知承诺（国办发〔2020〕42号） "
    "A breach of a commitment was confirmed: no commitment-based approval until credit is repaired"
)
_REMEDY = (
    "请先纠正违诺行为、履行全部义务，再依照《信用修复管理办法》（国家发展改革委令第36号）"
    "向认定机关申请信用修复；修复后即可再次适用 "
    "Correct the breach and perform every duty, then apply to the authority that confirmed it for "
    "credit repair under NDRC Order No. 36; commitments are open again once it is granted"
)


def standing(facts: Iterable[Fact], on: date) -> tuple[Fact, ...]:
    """The facts that count on a day: happened by then, and neither repaired nor cleared."""
    past = [fact for fact in in_order(facts) if fact.occurred_on <= on]
    repaired = repaired_in(past)
    verdicts = _verdicts(past)
    # Repairing one confirmation settles the whole matter, however often it was found or confirmed.
    settled = {
        fact.result_id
        for fact in past
        if fact.kind is FactKind.BREACH_CONFIRMED and fact.fact_id in repaired
    }

    def counts(fact: Fact) -> bool:
        if fact.fact_id in repaired:
            return False
        if fact.kind not in _BREACH:
            return True
        if fact.result_id in settled:
            return False
        verdict = verdicts.get(fact.result_id, fact)
        return verdict is not None and (verdict is fact or fact.kind is FactKind.BREACH_FOUND)

    return tuple(fact for fact in past if counts(fact))


def repaired_in(facts: Iterable[Fact]) -> frozenset[str]:
    """The ids of the facts that others among them repair."""
    return frozenset(repaired for fact in facts for repaired in fact.repairs)


def bars_of(facts: Iterable[Fact], on: date) -> tuple[Bar, ...]:
    """What keeps a party from commitments (告知承诺) on a day: one bar a confirmed breach."""
    return bars_in(standing(facts, on))


def bars_in(counted: Iterable[Fact]) -> tuple[Bar, ...]:
    """The bars among facts that count."""
    return tuple(
        Bar(fact=fact.fact_id, since=fact.occurred_on, ground=_GROUND, remedy=_REMEDY)
        for fact in counted
        if fact.kind is FactKind.BREACH_CONFIRMED
    )


def _verdicts(facts: Iterable[Fact]) -> dict[str | None, Fact | None]:
    """Of each breach that was ruled upon, the confirmation that holds; none if cleared."""
    verdicts: dict[str | None, Fact | None] = {}
    for fact in sorted(facts, key=lambda fact: (fact.occurred_at, fact.fact_id)):
        if fact.kind is FactKind.BREACH_CLEARED:
            verdicts[fact.result_id] = None
        elif fact.kind is FactKind.BREACH_CONFIRMED and verdicts.get(fact.result_id) is None:
            # Confirmed again, it is still the same breach since the same day.
            verdicts[fact.result_id] = fact
    return verdicts

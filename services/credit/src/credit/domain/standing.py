"""Which facts count on a day: what was taken back, repaired or cleared no longer does."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from credit.domain.facts import Fact, FactKind, in_order

_BREACH = frozenset({FactKind.BREACH_FOUND, FactKind.BREACH_CONFIRMED, FactKind.BREACH_CLEARED})
_NEVER_WAS = frozenset({FactKind.FACT_WITHDRAWN, FactKind.OBJECTION_UPHELD})
_OVER = frozenset({FactKind.FACTS_REPAIRED, FactKind.DELISTED})
_DECIDED = frozenset(
    {FactKind.OBJECTION_UPHELD, FactKind.OBJECTION_REJECTED, FactKind.OBJECTION_WITHDRAWN}
)


def standing(facts: Iterable[Fact], on: date) -> tuple[Fact, ...]:
    """The facts that count on a day, corrected, in whatever order they arrived.

    A repair or a removal from a list works from its own day on, and a repair until it is revoked.
    What its source withdrew or
    corrected, or an objection overturned, was wrong from the beginning: it counts on no day, or as
    it really was, also on the days before that came out.
    """
    return counting(as_corrected(facts), on)


def counting(right: Iterable[Fact], on: date) -> tuple[Fact, ...]:
    """As ``standing``, of facts that are corrected already."""
    past = [fact for fact in right if fact.occurred_on <= on]
    repaired = _targets(_holding(past), _OVER)
    suspended = _suspended(past)
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
        if fact.entry is not None:
            is_suspended = fact.entry.suspended_by_objection and fact.fact_id in suspended
            return on < fact.entry.until and not is_suspended
        if fact.kind not in _BREACH:
            return True
        if fact.result_id in settled:
            return False
        verdict = verdicts.get(fact.result_id, fact)
        return verdict is not None and (verdict is fact or fact.kind is FactKind.BREACH_FOUND)

    return _each_list_once([fact for fact in past if counts(fact)])


def as_corrected(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The facts without what never was, each as its source last corrected it, in order."""
    known = in_order(facts)
    if gone := _targets(known, _NEVER_WAS):
        gone = gone.union(_said_again(known))
    right = {fact.fact_id: fact for fact in known if fact.fact_id not in gone}
    # One correction may tell the day and a later one the fine: each changes what it names.
    corrections = [fact for fact in right.values() if fact.kind is FactKind.FACT_CORRECTED]
    for correction in sorted(corrections, key=_order):
        for target in right.keys() & set(correction.targets):
            right[target] = _corrected(right[target], correction)
    return in_order(right.values()) if gone or corrections else known


def repaired_in(facts: Iterable[Fact]) -> frozenset[str]:
    """The ids of the facts that others among them repair, and whose repair was not revoked."""
    return _targets(_holding(tuple(facts)), frozenset({FactKind.FACTS_REPAIRED}))


def revoked_in(facts: Iterable[Fact]) -> frozenset[str]:
    """The ids of the facts whose repair was revoked, whatever came after."""
    known = tuple(facts)
    revoked = _targets(known, frozenset({FactKind.REPAIR_REVOKED}))
    return frozenset(t for fact in known if fact.fact_id in revoked for t in fact.targets)


def ended_on(right: Iterable[Fact]) -> Mapping[str, date]:
    """The day from which each fact no longer counts that was repaired or removed from a list."""
    ended: dict[str, date] = {}
    for fact in _holding(tuple(right)):
        if fact.kind in _OVER:
            for target in fact.targets:
                ended[target] = min(fact.occurred_on, ended.get(target, fact.occurred_on))
    return ended


def _holding(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """The facts without the repairs that others among them revoke."""
    revoked = _targets(facts, frozenset({FactKind.REPAIR_REVOKED}))
    return tuple(fact for fact in facts if fact.fact_id not in revoked)


def _each_list_once(counted: Sequence[Fact]) -> tuple[Fact, ...]:
    """Of several entries of one list the first counts; another does once that one is over."""
    first: dict[str, Fact] = {}
    for fact in counted:
        if fact.entry is not None:
            known = first.setdefault(fact.entry.list_code, fact)
            first[fact.entry.list_code] = min(known, fact, key=_order)
    return tuple(f for f in counted if f.entry is None or first[f.entry.list_code] is f)


def _order(fact: Fact) -> tuple[datetime, str]:
    return fact.occurred_at, fact.fact_id


def _targets(facts: Iterable[Fact], kinds: frozenset[FactKind]) -> frozenset[str]:
    return frozenset(target for fact in facts if fact.kind in kinds for target in fact.targets)


def _said_again(known: Iterable[Fact]) -> Iterator[str]:
    """Further confirmations of a breach by the time that one was taken back: they say the same."""
    confirmed = {f.fact_id: f for f in known if f.kind is FactKind.BREACH_CONFIRMED}
    for act in known:
        if act.kind in _NEVER_WAS:
            breaches = {confirmed[id_].result_id for id_ in act.targets if id_ in confirmed}
            for fact in confirmed.values():
                if fact.result_id in breaches and fact.occurred_at <= act.occurred_at:
                    yield fact.fact_id


def _suspended(past: Iterable[Fact]) -> frozenset[str]:
    """The facts that an objection (异议) suspends: the first to each, until it was answered.

    Whoever was answered, or withdrew it, may object again, but not suspend again.
    """
    known = sorted(past, key=_order)
    answered = {fact.result_id for fact in known if fact.kind in _DECIDED}
    first: dict[str, str | None] = {}
    for fact in known:
        if fact.kind is FactKind.OBJECTION_RAISED:
            for target in fact.targets:
                first.setdefault(target, fact.result_id)
    return frozenset(target for target, objection in first.items() if objection not in answered)


def _corrected(fact: Fact, correction: Fact) -> Fact:
    return replace(
        fact,
        occurred_on=correction.corrected_on or fact.occurred_on,
        sanction=correction.sanction or fact.sanction,
    )


def _verdicts(facts: Iterable[Fact]) -> dict[str | None, Fact | None]:
    """Of each breach that was ruled upon, the confirmation that holds; none if cleared."""
    verdicts: dict[str | None, Fact | None] = {}
    for fact in sorted(facts, key=_order):
        if fact.kind is FactKind.BREACH_CLEARED:
            verdicts[fact.result_id] = None
        elif fact.kind is FactKind.BREACH_CONFIRMED and verdicts.get(fact.result_id) is None:
            # Confirmed again, it is still the same breach since the same day.
            verdicts[fact.result_id] = fact
    return verdicts

"""Each rule of approval as one pure function: what a decision breaks it by, in words, or nothing.

A function gives at most one breach; ``irregularity`` names the rule, its gravity and its ground.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import cast

from approval_events.domain.case import Case
from approval_events.domain.rule_book import (
    ApprovalRule,
    ListedPartyRule,
    PushedLateRule,
    ToleranceTermRule,
    UnverifiedRule,
)
from linkage_contracts.catalogue import CatalogueItem
from linkage_contracts.codes import Rule, ToleranceRegime
from linkage_contracts.tolerance_terms import supplement_days

Breach = Callable[[Case, ApprovalRule], str | None]
"""What breaks the rule, in both languages; ``None`` if nothing does."""


def _off_catalogue(case: Case, _: ApprovalRule) -> str | None:
    strangers = [code for code in case.codes if code not in case.catalogue.item_by_code]
    if not strangers:
        return None
    return f"清单之外的事项 {'、'.join(strangers)} (not in the catalogue of items)"


def _commitment_not_allowed(case: Case, _: ApprovalRule) -> str | None:
    refusing = [item for item in case.items if not item.commitment]
    if case.judged.commitment is None or not refusing:
        return None
    return f"{_named(refusing)} 不适用告知承诺 (allows no commitment)"


def _tolerance_not_allowed(case: Case, _: ApprovalRule) -> str | None:
    refusing = [item for item in case.items if item.tolerance is ToleranceRegime.NONE]
    if case.judged.tolerance is None or not refusing:
        return None
    return f"{_named(refusing)} 不适用容缺受理 (allows no missing materials)"


def _commitment_barred(case: Case, _: ApprovalRule) -> str | None:
    bar = case.bar("commitment")
    if case.judged.commitment is None or bar is None:
        return None
    return f"该主体自 {bar.since} 起不得适用告知承诺 (barred from commitments): {bar.ground}"


def _tolerance_barred(case: Case, _: ApprovalRule) -> str | None:
    bar = case.bar("tolerance")
    if case.judged.tolerance is None or bar is None:
        return None
    return f"该主体自 {bar.since} 起不得适用容缺受理 (barred from missing materials): {bar.ground}"


def _eligibility_unverified(case: Case, rule: ApprovalRule) -> str | None:
    unverified = case.standing.unverified
    if unverified is None or cast("UnverifiedRule", rule).when_credit_is_away == "open":
        return None
    copy = f"{unverified.told_at:%Y-%m-%d %H:%M %Z} 的副本" if unverified.told_at else "无副本"
    return (
        f"报送时信用服务未应答，{copy}，未能核实可否适用，请补核后答复 "
        f"(credit could not be asked, {unverified.trouble}: verify, and answer)"
    )


def _tolerance_too_long(case: Case, rule: ApprovalRule) -> str | None:
    terms = cast("ToleranceTermRule", rule)
    tolerance, items = case.judged.tolerance, case.items
    if tolerance is None or tolerance.supplement_by is None or not items:
        return None
    days = supplement_days(
        items, at_most=terms.at_most_working_days, less_than_promise=terms.less_than_promise
    )
    # Without a date of acceptance the decision's is taken, which is later, and so never too strict.
    start = case.judged.accepted_on or case.judged.decided_on
    last = case.calendar.end_of(start, days).on
    if tolerance.supplement_by <= last:
        return None
    return (
        f"容缺补正期限至 {tolerance.supplement_by},最迟应为 {last} "
        f"(materials may be supplemented until {last})"
    )


def _licence_before_supplement(case: Case, _: ApprovalRule) -> str | None:
    tolerance = case.judged.tolerance
    waiting = [item for item in case.items if item.tolerance is ToleranceRegime.AFTER_SUPPLEMENT]
    if tolerance is None or not waiting:
        return None
    supplemented = tolerance.supplemented_on
    if supplemented is not None and supplemented <= case.judged.effective_on:
        return None
    return (
        f"{_named(waiting)} 须补正后方可发证,尚缺 {'、'.join(tolerance.missing)} "
        "(granted before the missing materials were supplied)"
    )


def _decided_after_promise(case: Case, _: ApprovalRule) -> str | None:
    allowed = max((item.promised_days for item in case.items), default=None)
    return _decided_late(case, allowed, "承诺时限", "promised")


def _decided_after_legal_term(case: Case, _: ApprovalRule) -> str | None:
    allowed = max((item.legal_days for item in case.items), default=None)
    return _decided_late(case, allowed, "法定时限", "legal")


def _decided_late(case: Case, allowed: int | None, zh: str, en: str) -> str | None:
    """Of several items the longest time counts: they are decided together."""
    if case.judged.accepted_on is None or allowed is None:
        return None
    days = case.calendar.working_days_between(case.judged.accepted_on, case.judged.effective_on)
    if days <= allowed:
        return None
    return (
        f"受理后第 {days} 个工作日才作出决定,{zh}为 {allowed} 个工作日 "
        f"(decided after {days} working days, {en} are {allowed})"
    )


def _pushed_late(case: Case, rule: ApprovalRule) -> str | None:
    within = cast("PushedLateRule", rule).within_working_days
    days = case.calendar.working_days_between(case.judged.effective_on, case.today)
    if days <= within:
        return None
    return (
        f"决定后第 {days} 个工作日才报送,应在 {within} 个工作日内 "
        f"(sent {days} working days after the decision)"
    )


def _validity_too_long(case: Case, _: ApprovalRule) -> str | None:
    start, until = case.judged.valid_from, case.judged.valid_until
    exceeded = [
        item
        for item in case.items
        if item.longest_years is not None
        and start is not None
        and (until is None or until > years_later(start, item.longest_years))
    ]
    if not exceeded:
        return None
    longest = min(item.longest_years or 0 for item in exceeded)
    return (
        f"{_named(exceeded)} 有效期{f'至 {until}' if until else '为长期'},最长 {longest} 年 "
        f"(valid for longer than {longest} years)"
    )


def _party_listed(case: Case, rule: ApprovalRule) -> str | None:
    if case.standing.risk_class not in cast("ListedPartyRule", rule).classes:
        return None
    # The class itself is internal to supervision (国市监信发〔2022〕6号), and this text travels.
    return "该主体在本规则所列名单之内 (the party is on a list that this rule names)"


BREACHES: Mapping[Rule, Breach] = {
    Rule.OFF_CATALOGUE: _off_catalogue,
    Rule.COMMITMENT_NOT_ALLOWED: _commitment_not_allowed,
    Rule.COMMITMENT_BARRED: _commitment_barred,
    Rule.TOLERANCE_NOT_ALLOWED: _tolerance_not_allowed,
    Rule.TOLERANCE_BARRED: _tolerance_barred,
    Rule.TOLERANCE_TOO_LONG: _tolerance_too_long,
    Rule.DECIDED_AFTER_PROMISE: _decided_after_promise,
    Rule.DECIDED_AFTER_LEGAL_TERM: _decided_after_legal_term,
    Rule.PUSHED_LATE: _pushed_late,
    Rule.VALIDITY_TOO_LONG: _validity_too_long,
    Rule.PARTY_LISTED: _party_listed,
    Rule.ELIGIBILITY_UNVERIFIED: _eligibility_unverified,
    Rule.LICENCE_BEFORE_SUPPLEMENT: _licence_before_supplement,
}
"""The function of each rule; the configuration says which hold."""


def years_later(day: date, years: int) -> date:
    """The same day of a later year; of 29 February the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _named(items: Sequence[CatalogueItem]) -> str:
    return "、".join(f"{item.code} {item.name}" for item in items)

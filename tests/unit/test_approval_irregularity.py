"""Breaches of the rules of approval, rule by rule: flagged, never hidden."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval_events.domain.breaches import BREACHES, years_later
from approval_events.domain.case import CreditTrouble, Standing, Unverified
from approval_events.domain.irregularity import Standards, Yardstick, irregularities
from approval_events.domain.rule_book import RuleBook
from linkage_contracts.codes import RiskClass, Rule
from linkage_contracts.decisions import Irregularity
from linkage_contracts.ids import finding_id, stable_id
from linkage_contracts.ratings import Bar
from tests.unit.approval_builders import (
    CALENDAR,
    FOOD,
    REGISTRATION,
    RULES,
    TODAY,
    catalogue,
    submission,
)

COMMITMENT = {"text": "按告知承诺书"}
BAR = Bar(
    fact="00000000-0000-5000-8000-000000000000",
    since=date(2026, 11, 20),
    ground="承诺不实",
    remedy="信用修复",
)
EVENT = stable_id("example", "decision event")


def a_catalogue(**item_changes: Any) -> Any:
    """The two items, the first with these changes."""
    food, registration = (item.model_dump(mode="json") for item in catalogue().items)
    return catalogue(items=[food | item_changes, registration])


def flagged(
    *bars: Bar,
    risk_class: RiskClass | None = None,
    unverified: Unverified | None = None,
    rules: RuleBook = RULES,
    item: dict[str, Any] | None = None,
    region: str = "450721",
    **changes: Any,
) -> tuple[Irregularity, ...]:
    sent = submission(**changes)
    return irregularities(
        sent,
        codes=sent.items,
        region=region,
        event_id=EVENT,
        standing=Standing(bars=bars, risk_class=risk_class, unverified=unverified),
        standards=Standards(
            catalogue=a_catalogue(**(item or {})),
            yardstick=Yardstick(rules=rules, calendar=CALENDAR),
            today=TODAY,
        ),
    )


def found(*bars: Bar, **changes: Any) -> list[str]:
    return [str(one.rule) for one in flagged(*bars, **changes)]


def a_book(*entries: dict[str, Any]) -> RuleBook:
    """A book of these rules, each filled up with what every rule says."""
    common = {"title": "x", "severity": "minor", "ground": "assumption", "kinds": ["granted"]}
    return RuleBook.model_validate({"version": "t-1", "rules": [common | one for one in entries]})


def test_every_rule_has_its_function() -> None:
    assert BREACHES.keys() == set(Rule)


def test_an_ordinary_decision_is_regular() -> None:
    assert found() == []


def test_a_breach_names_its_gravity_its_ground_and_the_finding_to_answer_under() -> None:
    [one] = flagged(items=["999999999999"])
    [entry] = [entry for entry in RULES.rules if entry.rule is Rule.OFF_CATALOGUE]
    assert (one.severity, one.ground) == (entry.severity, entry.ground)
    assert one.finding_id == finding_id(EVENT, "off_catalogue")


def test_an_item_off_the_catalogue_is_flagged_by_its_code() -> None:
    [one] = flagged(items=[FOOD, "999999999999"])
    assert one.rule == "off_catalogue"
    assert "999999999999" in one.detail
    assert FOOD not in one.detail


def test_a_commitment_on_an_item_that_allows_none_is_flagged() -> None:
    assert found(items=[REGISTRATION], commitment=COMMITMENT) == ["commitment_not_allowed"]
    assert found(items=[FOOD], commitment=COMMITMENT) == []


def test_missing_materials_on_an_item_that_allows_none_are_flagged() -> None:
    assert found(items=[FOOD], tolerance={"missing": ["章程"]}) == ["tolerance_not_allowed"]
    assert found(items=[REGISTRATION], tolerance={"missing": ["章程"]}) == []


def test_a_barred_party_is_flagged_only_when_it_uses_what_it_is_barred_from() -> None:
    assert found(BAR, commitment=COMMITMENT) == ["commitment_barred"]
    missing = {"missing": ["章程"]}
    assert found(BAR, items=[REGISTRATION], tolerance=missing) == ["tolerance_barred"]
    assert found(BAR) == []


def test_a_bar_from_one_use_or_some_items_flags_nothing_else() -> None:
    tolerance = BAR.model_copy(update={"uses": ("tolerance",)})
    elsewhere = BAR.model_copy(update={"items": (REGISTRATION,)})
    here = BAR.model_copy(update={"items": (FOOD,)})
    assert found(tolerance, commitment=COMMITMENT) == []
    assert found(elsewhere, commitment=COMMITMENT) == []
    assert found(here, commitment=COMMITMENT) == ["commitment_barred"]
    [one] = flagged(elsewhere, here, commitment=COMMITMENT)
    assert BAR.ground in one.detail


def test_a_bar_that_came_later_flags_nothing() -> None:
    assert found(BAR, commitment=COMMITMENT, decided_on="2026-11-19") == []


def test_two_working_days_are_in_time_and_three_are_late() -> None:
    # 19 November 2026 is a Thursday: Friday and Monday lie between.
    assert found(decided_on="2026-11-19") == []
    assert found(decided_on="2026-11-18") == ["pushed_late"]


def test_lateness_of_an_act_counts_from_the_act() -> None:
    act = {"document_number": "撤1号", "on": "2026-11-23", "ground": "x"}
    assert found(kind="annulled", decided_on="2025-01-06", act=act) == []


def test_taking_back_an_irregular_licence_is_not_irregular_again() -> None:
    act = {"document_number": "撤1号", "on": "2026-11-23", "ground": "x"}
    assert found(BAR, kind="annulled", act=act, items=["999999999999"], commitment=COMMITMENT) == []


def test_a_decision_after_the_promised_and_after_the_legal_time_breaks_one_rule_and_two() -> None:
    # Promised are 5 and legal are 20 working days; 20 November 2026 is a Friday.
    assert found(accepted_on="2026-11-13") == []
    assert found(accepted_on="2026-11-12") == ["decided_after_promise"]
    assert found(accepted_on="2026-10-22") == ["decided_after_promise", "decided_after_legal_term"]
    assert found(accepted_on="2026-10-22", kind="refused") == found(accepted_on="2026-10-22")


def test_of_several_items_the_longest_time_counts() -> None:
    assert (
        found(items=[FOOD, REGISTRATION], accepted_on="2026-11-12", item={"promised_days": 6}) == []
    )


def test_nobody_knows_how_long_a_decision_took_whose_acceptance_was_not_told() -> None:
    assert found(item={"promised_days": 0, "legal_days": 0}) == []
    assert found(items=["999999999999"], accepted_on="2025-01-06") == ["off_catalogue"]


@given(st.integers(0, 60), st.integers(0, 40))
def test_a_decision_is_late_exactly_when_more_working_days_passed_than_allowed(
    calendar_days: int, allowed: int
) -> None:
    decided = date(2026, 11, 20)
    accepted = decided - timedelta(days=calendar_days)
    days = [accepted + timedelta(days=n) for n in range(1, calendar_days + 1)]
    passed = sum(day.weekday() < 5 for day in days)
    came = found(
        accepted_on=accepted.isoformat(), item={"promised_days": 60, "legal_days": allowed}
    )
    assert came == (["decided_after_legal_term"] if passed > allowed else [])


SUPPLEMENTED = {"missing": ["章程"], "supplemented_on": "2026-11-18"}
"""In time for the decision of 20 November."""


@pytest.mark.parametrize(
    ("until", "came"),
    [("2026-11-18", []), ("2026-11-19", ["tolerance_too_long"]), (None, [])],
)
def test_missing_materials_must_come_two_working_days_before_the_promised_time_ends(
    until: str | None, came: list[str]
) -> None:
    # Accepted on a Friday, 5 days promised: within 3 working days, until Wednesday.
    tolerance = SUPPLEMENTED | {"supplement_by": until}
    item = {"tolerance": "after_supplement"}
    assert found(accepted_on="2026-11-13", tolerance=tolerance, item=item) == came


@pytest.mark.parametrize(
    ("regime", "supplemented_on", "came"),
    [
        ("after_supplement", None, ["licence_before_supplement"]),
        ("after_supplement", "2026-11-21", ["licence_before_supplement"]),
        ("after_supplement", "2026-11-20", []),
        ("licence_first", None, []),
    ],
)
def test_no_licence_is_granted_before_what_was_missing_had_come(
    regime: str, supplemented_on: str | None, came: list[str]
) -> None:
    # Decided on Friday, 20 November.
    tolerance = {"missing": ["章程"], "supplemented_on": supplemented_on}
    assert found(tolerance=tolerance, item={"tolerance": regime}) == came


def test_missing_materials_have_one_working_day_however_short_the_promise() -> None:
    # The clock of the supplement runs as long: both ask ``supplement_days``.
    item = {"tolerance": "after_supplement", "promised_days": 1}
    for until, came in (("2026-11-16", []), ("2026-11-17", ["tolerance_too_long"])):
        tolerance = {"missing": ["章程"], "supplement_by": until}
        broken = found(accepted_on="2026-11-13", tolerance=tolerance, item=item)
        assert [rule for rule in broken if rule.startswith("tolerance")] == came


def test_missing_materials_never_have_longer_than_twenty_working_days() -> None:
    # Sixty days promised; twenty working days after Friday the 13th end on Friday, 11 December.
    item = {"tolerance": "after_supplement", "promised_days": 60}
    for until, came in (("2026-12-11", []), ("2026-12-12", ["tolerance_too_long"])):
        tolerance = SUPPLEMENTED | {"supplement_by": until}
        assert found(accepted_on="2026-11-13", tolerance=tolerance, item=item) == came


def test_after_a_licence_only_the_longest_term_to_supplement_counts() -> None:
    # Twenty working days after Friday the 20th.
    for until, came in (("2026-12-18", []), ("2026-12-21", ["tolerance_too_long"])):
        tolerance = {"missing": ["章程"], "supplement_by": until}
        assert found(items=[REGISTRATION], tolerance=tolerance) == came


@pytest.mark.parametrize(
    ("until", "came"),
    [
        ("2031-11-20", []),
        ("2031-11-21", ["validity_too_long"]),
        ("2099-12-31", ["validity_too_long"]),
    ],
)
def test_a_licence_must_not_be_valid_for_longer_than_the_law_allows(
    until: str, came: list[str]
) -> None:
    assert found(valid_until=until, item={"longest_years": 5}) == came
    assert found(valid_until=until) == []


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)), st.integers(1, 30))
def test_some_years_later_is_the_same_day_or_the_28th_of_february(day: date, years: int) -> None:
    later = years_later(day, years)
    assert (later.year, later.month) == (day.year + years, day.month)
    assert later.day == day.day or (day.month, day.day, later.day) == (2, 29, 28)


def test_a_listed_party_is_flagged_only_where_a_place_says_so_and_without_its_class() -> None:
    listed = {"rule": "party_listed", "classes": ["D"]}
    high, low = RiskClass.HIGH, RiskClass.LOW
    assert found(risk_class=high) == []
    [one] = flagged(risk_class=high, rules=a_book(listed))
    assert one.rule == "party_listed"
    assert "D" not in one.detail
    assert found(risk_class=low, rules=a_book(listed)) == []
    assert found(rules=a_book(listed)) == []


@pytest.mark.parametrize(
    ("setting", "came"), [("open", []), ("closed", ["eligibility_unverified"])]
)
def test_what_was_not_verified_is_flagged_where_the_place_wants_it(
    setting: str, came: list[str]
) -> None:
    rule = {"rule": "eligibility_unverified", "when_credit_is_away": setting}
    unverified = Unverified(trouble=CreditTrouble.TIMEOUT, told_at=None)
    told = found(unverified=unverified, rules=a_book(rule), commitment=COMMITMENT)
    assert told == came
    assert found(rules=a_book(rule), commitment=COMMITMENT) == []


def test_the_entry_for_the_nearest_region_counts() -> None:
    book = a_book(
        {"rule": "pushed_late", "within_working_days": 0},
        {"rule": "pushed_late", "within_working_days": 9, "regions": ["450721"]},
        {"rule": "pushed_late", "within_working_days": 0, "regions": ["450722"], "enabled": False},
    )
    late = {"decided_on": "2026-11-18", "rules": book}
    assert found(**late, region="450703") == ["pushed_late"]
    assert found(**late, region="450721") == []
    assert found(**late, region="450721101") == []
    assert found(**late, region="450722") == []


def test_a_rule_looks_only_at_the_kinds_of_decision_that_it_names() -> None:
    book = a_book({"rule": "pushed_late", "within_working_days": 0, "kinds": ["refused"]})
    assert found(decided_on="2026-11-18", rules=book) == []
    assert found(decided_on="2026-11-18", rules=book, kind="refused") == ["pushed_late"]

"""Breaches of the rules of approval: flagged, never hidden."""

from datetime import date
from typing import Any

from approval_events.domain.irregularity import Standards, irregularities
from linkage_contracts.ratings import Bar
from tests.unit.approval_builders import (
    CALENDAR,
    FOOD,
    REGISTRATION,
    TODAY,
    catalogue,
    submission,
)

STANDARDS = Standards(catalogue=catalogue(), calendar=CALENDAR, today=TODAY)
COMMITMENT = {"text": "按告知承诺书"}
BAR = Bar(
    fact="00000000-0000-5000-8000-000000000000",
    since=date(2026, 11, 20),
    ground="承诺不实",
    remedy="信用修复",
)


def found(*bars: Bar, **changes: Any) -> list[str]:
    sent = submission(**changes)
    return [str(one.rule) for one in irregularities(sent, sent.items, bars, STANDARDS)]


def test_an_ordinary_decision_is_regular() -> None:
    assert found() == []


def test_an_item_off_the_catalogue_is_flagged_by_its_code() -> None:
    sent = submission(items=[FOOD, "999999999999"])
    [flagged] = irregularities(sent, sent.items, (), STANDARDS)
    assert flagged.rule == "off_catalogue"
    assert "999999999999" in flagged.detail
    assert FOOD not in flagged.detail


def test_a_commitment_on_an_item_that_allows_none_is_flagged() -> None:
    assert found(items=[REGISTRATION], commitment=COMMITMENT) == ["commitment_not_allowed"]
    assert found(items=[FOOD], commitment=COMMITMENT) == []


def test_missing_materials_on_an_item_that_allows_none_are_flagged() -> None:
    assert found(items=[FOOD], tolerance={"missing": ["章程"]}) == ["tolerance_not_allowed"]
    assert found(items=[REGISTRATION], tolerance={"missing": ["章程"]}) == []


def test_a_barred_party_is_flagged_only_when_it_uses_a_commitment() -> None:
    assert found(BAR, commitment=COMMITMENT) == ["commitment_barred"]
    assert found(BAR) == []


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

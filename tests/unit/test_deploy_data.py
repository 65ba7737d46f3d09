"""The catalogue and the calendars of deploy/ are what they say they are."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
import holidays
import pytest
import yaml
from stdnum.cn import uscc

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import AuthorityKind
from linkage_contracts.identity import is_uscc

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
COUNTIES = ("450703", "450721", "450722")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    document: dict[str, Any] = {}
    for name in ("authorities", "items", "mappings"):
        document |= yaml.safe_load((DEPLOY / f"catalogue/{name}.yaml").read_text("utf-8"))
    return Catalogue.model_validate(document)


def test_item_codes_are_unique_and_have_twelve_digits(catalogue: Catalogue) -> None:
    codes = [item.code for item in catalogue.items]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"0001\d{8}", code) for code in codes)


def test_the_catalogue_is_as_large_as_a_newcomer_is_promised(catalogue: Catalogue) -> None:
    items = catalogue.items
    assert len(items) >= 45
    assert len({entry.field for item in items for entry in item.supervised_by}) >= 12
    assert sum(len(item.supervised_by) > 1 for item in items) >= 8
    assert sum(item.commitment for item in items) >= 15


@pytest.mark.parametrize("county", COUNTIES)
def test_every_field_of_every_item_has_a_competent_authority_in_each_county(
    catalogue: Catalogue, county: str
) -> None:
    fields = {entry.field for item in catalogue.items for entry in item.supervised_by}
    competent = {field: catalogue.competent(field, county) for field in fields}
    regions = {field: found.region for field, found in competent.items() if found}
    assert regions.keys() == fields
    assert set(regions.values()) == {county, "450700"}, "some are the county's own, some the city's"


def test_authority_ids_carry_both_right_check_digits(catalogue: Catalogue) -> None:
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for authority in catalogue.authorities:
        assert is_uscc(authority.id)
        assert uscc.is_valid(authority.id)
        assert authority.id.startswith("11" + authority.region)
        eight, check = authority.id[8:16], authority.id[16]
        total = sum(
            alphabet.index(c) * w for c, w in zip(eight, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)
        )
        assert check == "0123456789X"[(11 - total % 11) % 11]


def test_each_approving_authority_maps_some_items_but_not_all(catalogue: Catalogue) -> None:
    approving = {a.id for a in catalogue.authorities if a.kind is AuthorityKind.APPROVING}
    assert len(approving) == 4
    assert {mapping.authority for mapping in catalogue.mappings} == approving
    for mapping in catalogue.mappings:
        mapped = {code for rule in mapping.rules for code in rule.items}
        assert 40 <= len(mapped) < len(catalogue.items)


def _by_chinesecalendar(day: date) -> bool:
    return bool(chinese_calendar.is_workday(day))


def _by_holidays(day: date) -> bool:
    return holidays.country_holidays("CN", years=day.year).is_working_day(day)


@pytest.mark.parametrize("oracle", [_by_chinesecalendar, _by_holidays])
@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_a_calendar_agrees_with_both_oracles_on_every_day(
    year: int, oracle: Callable[[date], bool]
) -> None:
    notice = json.loads((DEPLOY / f"calendar/{year}.json").read_text("utf-8"))
    assert notice["year"] == year
    first = date(year, 1, 1)
    days = [first + timedelta(n) for n in range((date(year + 1, 1, 1) - first).days)]
    differing = [
        day
        for day in days
        if oracle(day)
        != (
            str(day) in notice["makeup_workdays"]
            or (day.weekday() < 5 and str(day) not in notice["holidays"])
        )
    ]
    assert differing == []
    assert {str(day) for day in days} >= {*notice["holidays"], *notice["makeup_workdays"]}

"""The monthly report: counts between classes, domain by domain."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from credit.application.report_month import report_month
from credit.domain.facts import Fact, FactKind
from credit.domain.month import Moves, month_before
from credit.domain.rating import rate
from linkage_contracts.codes import RiskClass
from tests.unit.credit_builders import FactsInMemory, a_fact
from tests.unit.credit_desk import CARD, CARDS, FOOD, MonthsInMemory, Service

NOVEMBER, OCTOBER = date(2026, 11, 1), date(2026, 10, 1)
AT = datetime(2026, 11, 1, 1, tzinfo=UTC)


def licensed(party: str, day: date, **more: Any) -> Fact:
    return a_fact(FactKind.LICENCE_GRANTED, f"licence of {party}", day=day, of=party, **more)


def listed(party: str, day: date) -> Fact:
    return a_fact(FactKind.LISTED, f"entry of {party}", day=day, of=party, until=date(2027, 1, 1))


async def reported(*facts: Fact) -> dict[str, Moves]:
    report = await report_month(
        NOVEMBER, facts=FactsInMemory(*facts), reports=MonthsInMemory(), scorecards=CARDS, at=AT
    )
    assert report is not None
    return {moves.domain: moves for moves in report.domains}


async def test_every_party_is_counted_from_its_class_a_month_ago_to_its_class_now() -> None:
    september, mid = date(2026, 9, 5), date(2026, 10, 12)
    moves = await reported(
        licensed("same", september),
        *(licensed("worse", september), listed("worse", mid)),
        *(licensed("new", mid), listed("new", mid)),
        licensed("later", date(2026, 11, 2)),
    )
    assert moves["general"].between == {
        (RiskClass.ORDINARY, RiskClass.ORDINARY): 1,
        (RiskClass.ORDINARY, RiskClass.HIGH): 1,
        (None, RiskClass.HIGH): 1,
    }
    assert moves["general"].parties == 3
    assert moves.keys() == {"general"}


async def test_a_domain_counts_its_own_parties_alone() -> None:
    day = date(2026, 9, 5)
    baker = licensed("baker", day, items=(FOOD,), decision_id="licence")
    moves = await reported(baker, licensed("smith", day))
    assert (moves["general"].parties, moves["food"].parties) == (2, 1)
    assert moves["food"].scorecard == "food-2026.1"


async def test_a_count_says_what_a_rating_of_those_days_says() -> None:
    fails = [
        a_fact(FactKind.INSPECTION_FAILS, str(n), day=date(2025, 11, 1 + n), of="one")
        for n in range(4)
    ]
    moves = await reported(*fails)
    before, after = (rate("one", fails, CARD, day).risk_class for day in (OCTOBER, NOVEMBER))
    assert moves["general"].between == {(before, after): 1}


async def test_a_division_that_tells_nobody_apart_is_warned_of_in_each_domain() -> None:
    day = date(2026, 9, 5)
    facts = [
        fact
        for party in ("a", "b")
        for fact in (
            licensed(party, day, items=(FOOD,), decision_id=party),
            listed(party, day),
        )
    ]
    for moves in (await reported(*facts)).values():
        assert any("almost everybody is D" in warning for warning in moves.warnings)
        assert any("more are D" in warning for warning in moves.warnings)


async def test_a_month_is_reported_once() -> None:
    reports = MonthsInMemory()
    for expected in (True, False):
        made = await report_month(
            NOVEMBER, facts=FactsInMemory(), reports=reports, scorecards=CARDS, at=AT
        )
        assert (made is not None) is expected
    assert list(reports.kept) == [NOVEMBER]


@pytest.mark.parametrize(
    ("first", "before"), [(NOVEMBER, OCTOBER), (date(2027, 1, 1), date(2026, 12, 1))]
)
def test_the_month_before_begins_on_its_first(first: date, before: date) -> None:
    assert month_before(first) == before


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    service = Service(monkeypatch)
    async with service.http:
        yield service


async def test_the_reports_are_shown_newest_first_and_as_internal(service: Service) -> None:
    await service.facts.add([licensed("one", date(2026, 8, 5))])
    for first in (OCTOBER, NOVEMBER):
        await report_month(
            first, facts=service.facts, reports=service.months, scorecards=CARDS, at=AT
        )
    answer = (await service.http.get("/v1/monthly-reports")).json()
    assert "内部监管参考" in answer["notice"]
    assert [month["first"] for month in answer["months"]] == ["2026-11-01", "2026-10-01"]
    (general,) = answer["months"][0]["domains"]
    assert general["between"] == [{"before": "B", "after": "B", "parties": 1}]
    assert general["warnings"]

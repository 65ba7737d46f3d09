"""Incentives (信易+): by public facts and lists, and by nothing else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import given, settings

from credit.adapters.scorecard_files import read_incentives
from credit.domain.facts import Fact, FactKind, Sanction, in_order
from credit.domain.incentives import PUBLIC_KINDS, Enjoyment, enjoyments
from credit.domain.rating import rate
from credit.domain.standing import standing
from linkage_contracts.codes import PenaltyKind, RiskClass
from linkage_runtime.yaml_files import YamlFileError
from tests.unit.credit_builders import PARTY, PERSON, SAMPLE, TODAY, a_fact, scorecard
from tests.unit.credit_desk import INCENTIVES, Service
from tests.unit.test_credit_rating import _facts

WARNING = Sanction(kinds=(PenaltyKind.WARNING,), fine=Decimal(0))
RED = a_fact(FactKind.LISTED, "red", list_code="industry_red")


def enjoyed(*facts: Fact) -> dict[str, Enjoyment]:
    found = enjoyments(standing(facts, TODAY), INCENTIVES, TODAY)
    return {each.incentive.code: each for each in found}


def test_a_red_list_opens_the_priority_lane_and_says_by_which_entry() -> None:
    lane = enjoyed(RED)["priority_lane"]
    assert lane.enjoys
    assert lane.grounds[0].facts == (RED.fact_id,)
    assert all(ground.speaks_for for ground in lane.grounds)


def test_what_is_missing_and_what_stands_against_it_are_both_told() -> None:
    lane = enjoyed(a_fact(FactKind.BREACH_CONFIRMED))["priority_lane"]
    assert not lane.enjoys
    against = [ground.title for ground in lane.grounds if not ground.speaks_for]
    assert [title.split()[0] for title in against] == ["列入行业红名单", "三年内违反告知承诺"]


@pytest.mark.parametrize(("days", "enjoys"), [(364, False), (365, True)])
def test_a_penalty_stands_against_it_for_its_days(days: int, enjoys: bool) -> None:  # noqa: FBT001
    penalty = a_fact(FactKind.PENALTY_IMPOSED, day=TODAY - timedelta(days=days))
    assert enjoyed(RED, penalty)["priority_lane"].enjoys is enjoys


def test_what_was_repaired_stands_against_nothing() -> None:
    breach = a_fact(FactKind.BREACH_CONFIRMED)
    repair = a_fact(FactKind.FACTS_REPAIRED, targets=[breach.fact_id])
    assert enjoyed(RED, breach, repair)["priority_lane"].enjoys


def test_two_of_different_class_with_the_same_public_record_enjoy_the_same() -> None:
    hidden = [a_fact(FactKind.INSPECTION_FAILS, str(each)) for each in range(9)]
    hidden += [a_fact(FactKind.RECTIFICATION_ENFORCED, str(each)) for each in range(9)]
    classes = {
        rate(PARTY, facts, scorecard(), TODAY).risk_class for facts in ([RED], [RED, *hidden])
    }
    assert classes == {RiskClass.ORDINARY, RiskClass.RAISED}
    assert enjoyed(RED) == enjoyed(RED, *hidden)


@settings(deadline=None, max_examples=60)
@given(facts=_facts())
def test_what_is_not_public_never_has_a_part_in_it(facts: list[Fact]) -> None:
    counted = standing(facts, TODAY)
    public = tuple(f for f in counted if f.kind in PUBLIC_KINDS or f.kind is FactKind.LISTED)
    assert enjoyments(counted, INCENTIVES, TODAY) == enjoyments(in_order(public), INCENTIVES, TODAY)


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    service = Service(monkeypatch)
    async with service.http:
        yield service


async def test_a_counter_is_told_why_and_why_not_but_never_the_class(service: Service) -> None:
    await service.facts.add([RED])
    answer = (await service.http.get(f"/v1/parties/{PARTY}/incentives")).json()
    told = {each["incentive"]["code"]: each["enjoys"] for each in answer["incentives"]}
    assert told == {"priority_lane": True, "longer_supplement": False}
    assert {each["incentive"]["source"] for each in answer["incentives"]} == {"assumption"}
    assert "class" not in str(answer)
    person = await service.http.get(f"/v1/parties/{PERSON}/incentives")
    assert person.status_code == 404


async def test_a_penalty_that_may_be_shown_no_more_stands_against_nothing(
    service: Service,
) -> None:
    minor = a_fact(FactKind.PENALTY_IMPOSED, day=date(2026, 8, 10), sanction=WARNING)
    await service.facts.add([RED, minor])

    async def enjoys(on: str) -> bool:
        answer = await service.http.get(f"/v1/parties/{PARTY}/incentives", params={"on": on})
        lane = answer.json()["incentives"][0]
        assert lane["incentive"]["code"] == "priority_lane"
        return bool(lane["enjoys"])

    # Minor information: three months at most (NDRC Order No. 36); the test's own days say a year.
    assert await enjoys("2026-11-23")
    await service.facts.add([replace(minor, fact_id="later", occurred_on=date(2026, 8, 24))])
    assert not await enjoys("2026-11-23")
    assert await enjoys("2026-11-24")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("lists: [industry_red]", "lists: [nobodys]", "没有此名单"),
        ("facts: [penalty_imposed]", "facts: [inspection_fails]", "不公开"),
        (", within_days: 1095", "", "within_days"),
        ("lists: [industry_red]", "classes: [A]", "classes"),
    ],
    ids=["no such list", "not public", "no days", "a class"],
)
def test_a_mistake_is_explained_with_its_line(
    old: str, new: str, says: str, tmp_path: Path
) -> None:
    folder = tmp_path / "scorecards"
    copytree(SAMPLE.parent, folder)
    file = folder / "eligibility" / "incentives.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(YamlFileError, match=says) as caught:
        read_incentives(folder)
    assert "incentives.yaml, line " in str(caught.value)

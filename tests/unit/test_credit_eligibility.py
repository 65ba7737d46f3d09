"""Eligibility at the counter: by item, use and day; which bars hold where is one file."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from credit.adapters.scorecard_files import read_measures
from credit.domain.bars import Use
from credit.domain.current import current_rating
from credit.domain.facts import Fact, FactKind
from linkage_runtime.yaml_files import YamlFileError
from tests.unit.credit_builders import MEASURES, PARTY, PERSON, SAMPLE, TODAY, a_fact
from tests.unit.credit_desk import CATALOGUE, FOOD, Service

PRODUCTION, HOUSEHOLD = "000131901000", "000131001000"
"""食品生产许可 allows tolerance and no commitment, 个体工商户设立登记 neither."""
SEED_BUSINESS = next(
    item.code
    for item in CATALOGUE.items
    if item.commitment and item.code not in MEASURES.scorecards.published["food"].items
)
BREACH = a_fact(FactKind.BREACH_CONFIRMED, day=TODAY - timedelta(days=9))


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    service = Service(monkeypatch)
    async with service.http:
        yield service


async def ask(service: Service, *known: Fact, **question: str) -> dict[str, Any]:
    await service.facts.add(known)
    answer = await service.ask(**question)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_bar_is_cited_with_its_ground_and_the_way_back_and_never_the_class(
    service: Service,
) -> None:
    answer = await ask(service, BREACH)
    assert (answer["eligible"], answer["closed"]) == (False, None)
    (bar,) = answer["bars"]
    assert (bar["fact"], bar["since"]) == (BREACH.fact_id, "2026-11-14")
    assert "国办发〔2020〕42号" in bar["ground"]
    assert "信用修复" in bar["remedy"]
    assert "class" not in str(answer)


async def test_an_item_that_its_catalogue_entry_closes_is_closed_to_everybody(
    service: Service,
) -> None:
    closed = await ask(service, item=PRODUCTION)
    assert (closed["eligible"], closed["bars"]) == (False, [])
    assert "不适用告知承诺" in closed["closed"]
    assert (await ask(service, item=PRODUCTION, use="tolerance"))["eligible"] is True
    assert "不适用容缺" in (await ask(service, item=FOOD, use="tolerance"))["closed"]
    assert "没有此事项" in (await ask(service, item="000131999000"))["closed"]


async def test_a_list_of_one_domain_bars_from_its_items_alone(service: Service) -> None:
    entry = a_fact(FactKind.LISTED, list_code="food_black")
    barred = await ask(service, entry)
    assert [bar["items"] for bar in barred["bars"]] == [[PRODUCTION, FOOD]]
    assert (await ask(service, item=SEED_BUSINESS))["eligible"] is True


async def test_a_general_bar_holds_for_every_item(service: Service) -> None:
    for item in (FOOD, SEED_BUSINESS):
        assert (await ask(service, BREACH, item=item))["eligible"] is False


async def test_a_red_list_bars_nobody(service: Service) -> None:
    assert (await ask(service, a_fact(FactKind.LISTED, list_code="industry_red")))["eligible"]


async def test_what_bars_from_one_use_may_leave_the_other_open(service: Service) -> None:
    owed = a_fact(FactKind.SUPPLEMENT_OVERDUE)
    assert (await ask(service, owed))["eligible"] is True
    tolerance = await ask(service, item=PRODUCTION, use="tolerance")
    assert [bar["uses"] for bar in tolerance["bars"]] == [["tolerance"]]


async def test_the_answer_is_as_of_the_day_that_is_asked_for(service: Service) -> None:
    repair = a_fact(FactKind.FACTS_REPAIRED, targets=[BREACH.fact_id])
    for day, eligible in ((10, True), (9, False), (1, False), (0, True)):
        on = (TODAY - timedelta(days=day)).isoformat()
        assert (await ask(service, BREACH, repair, on=on))["eligible"] is eligible, on


async def test_many_are_answered_in_their_order(service: Service) -> None:
    await service.facts.add([BREACH])
    questions = [
        {"party": PERSON, "item": FOOD, "use": "commitment"},
        {"party": PARTY, "item": FOOD, "use": "commitment"},
        {"party": PARTY, "use": "commitment"},
        {"party": PARTY, "item": FOOD, "use": "commitment", "on": "2026-11-13"},
    ]
    answered = await service.http.post("/v1/eligibility:batch", json={"questions": questions})
    answers = answered.json()["answers"]
    assert [each["party"] for each in answers] == [PERSON, PARTY, PARTY, PARTY]
    assert [each["eligible"] for each in answers] == [True, False, False, True]
    assert [each["item"] for each in answers] == [FOOD, FOOD, None, FOOD]


async def test_of_an_item_that_is_not_known_only_general_bars_hold(service: Service) -> None:
    await service.facts.add([a_fact(FactKind.LISTED, list_code="food_black")])
    body = {"questions": [{"party": PARTY, "use": use} for use in Use]}
    answers = (await service.http.post("/v1/eligibility:batch", json=body)).json()["answers"]
    assert [each["eligible"] for each in answers] == [True, True]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"questions": []}, "/questions"),
        ({"questions": [{"party": PARTY, "use": "commitment"}] * 10_001}, "/questions"),
        (
            {
                "questions": [
                    {"party": PARTY, "use": "commitment"},
                    {"party": "张三", "use": "commitment"},
                ]
            },
            "/questions/1/party",
        ),
        ({"questions": [{"party": PARTY, "use": "favour"}]}, "/questions/0/use"),
    ],
    ids=["none", "too many", "no party", "no such use"],
)
async def test_what_is_no_question_is_refused_by_its_place(
    service: Service, body: dict[str, Any], pointer: str
) -> None:
    refused = await service.http.post("/v1/eligibility:batch", json=body)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == pointer


async def test_the_counter_must_name_the_item_and_the_use(service: Service) -> None:
    for missing in ("item", "use"):
        question = {"party": PARTY, "item": FOOD, "use": "commitment"}
        del question[missing]
        refused = await service.http.post("/v1/eligibility", json=question)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, f"/{missing}")


def folder_with(tmp_path: Path, old: str, new: str) -> Path:
    folder = tmp_path / "scorecards"
    copytree(SAMPLE.parent, folder)
    bars = folder / "eligibility" / "bars.yaml"
    text = bars.read_text(encoding="utf-8")
    assert old in text
    bars.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("lists: [food_black]", "lists: [nobodys]", "没有此名单"),
        ("domains: [food]", "domains: [astrology]", "没有此领域"),
        ("domains: [food]", "domains: [intermediaries]", "bar nothing"),
        ("facts: [breach_confirmed]", "facts: [licence_refused]", "不能作为限制依据"),
        ("facts: [breach_confirmed]", "lists: []", "须且只能填一项"),
        ("列入{title}，移出前不得", "列入{class}，移出前不得", "只能使用"),
        ("uses: [tolerance]", "uses: []", "uses"),
        ("version: bars-2026.1", "version: bars-1", "version"),
    ],
)
def test_a_mistake_about_bars_is_explained_with_its_line(
    old: str, new: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(YamlFileError, match=says) as caught:
        read_measures(folder_with(tmp_path, old, new))
    assert "bars.yaml, line " in str(caught.value)


def test_changed_bars_rate_everybody_anew(tmp_path: Path) -> None:
    changed = read_measures(folder_with(tmp_path, "bars-2026.1", "bars-2026.2"))
    assert changed.rank == MEASURES.rank + 1


def test_items_that_a_domain_names_anew_reach_whom_its_list_bars(tmp_path: Path) -> None:
    food = MEASURES.scorecards.published["food"]
    entry = a_fact(FactKind.LISTED, list_code="food_black")
    folder = folder_with(tmp_path, "version", "version")
    file = folder / "food.yaml"
    text = file.read_text(encoding="utf-8").replace("food-2026.1", "food-2026.2")
    file.write_text(text.replace(f', "{FOOD}"', "", 1), encoding="utf-8")
    ratings = [
        current_rating(PARTY, [entry], measures, TODAY)
        for measures in (MEASURES, read_measures(folder))
    ]
    assert [len(rating.bars[0].items) for rating in ratings] == [len(food.items), 1]
    assert ratings[1].revision > ratings[0].revision


def test_every_adverse_list_of_the_sample_bars_from_something() -> None:
    barring = {code for rule in MEASURES.bars.rules.bars for code in rule.lists}
    assert barring >= {"serious_violation", "industry_black", "bidders_eliminated", "food_black"}

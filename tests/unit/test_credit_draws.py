"""Random inspections (双随机): announced, opened, checked; drawn by the seed and nothing else."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.adapters.scorecard_files import read_sampling_plan
from credit.application.draw_sample import check_draw
from credit.domain.facts import Fact, FactKind
from credit.domain.sampling import (
    Candidate,
    ClassPlan,
    Share,
    candidate,
    commitment_to,
    digest_of,
    draw,
    number_of,
)
from linkage_contracts.codes import RiskClass
from linkage_runtime.yaml_files import YamlFileError
from tests.unit.credit_builders import SAMPLE, SUPERVISOR, TODAY, a_fact
from tests.unit.credit_desk import FOOD, PLAN, Service

MARKET, FIRE = "11450721XN0721119Y", "11450721XN0721127R"
GENERAL, FOOD_SHARE = (
    Share(authority=MARKET, domain="general"),
    Share(authority=FIRE, domain="food"),
)


def parties(number: int, risk_class: RiskClass = RiskClass.ORDINARY) -> list[Candidate]:
    return [
        Candidate(party=f"{risk_class}{each:04}", classes={"general": risk_class})
        for each in range(number)
    ]


@settings(max_examples=60)
@given(
    numbers=st.tuples(*(st.integers(0, 60) for _ in RiskClass)),
    seed=st.text(max_size=9),
)
def test_each_class_gives_its_share_rounded_up(numbers: tuple[int, ...], seed: str) -> None:
    population = [
        each
        for risk_class, number in zip(RiskClass, numbers, strict=True)
        for each in parties(number, risk_class)
    ]
    drawn = Counter(visit.party[0] for visit in draw(population, [GENERAL], PLAN, seed))
    for risk_class, number in zip(RiskClass, numbers, strict=True):
        assert drawn[risk_class] == -(-number * PLAN.classes[risk_class].share_percent // 100)


def test_the_seed_alone_decides_whatever_the_order() -> None:
    population = parties(200)
    once = draw(population, [GENERAL], PLAN, "seed")
    assert draw(population[::-1], [GENERAL], PLAN, "seed") == once
    assert draw(population, [GENERAL], PLAN, "another") != once
    lowest = sorted(population, key=lambda each: number_of("seed", each.party))[:20]
    assert {visit.party for visit in once} == {each.party for each in lowest}


def test_every_party_of_a_class_is_as_likely_as_any_other() -> None:
    population = parties(50)
    drawn = Counter(
        visit.party for seed in range(400) for visit in draw(population, [GENERAL], PLAN, str(seed))
    )
    assert drawn.total() == 400 * 5
    assert min(drawn.values()) > 15, "40 expected of each"
    assert max(drawn.values()) < 75


def test_whom_two_authorities_draw_they_visit_together() -> None:
    both = {"general": RiskClass.HIGH, "food": RiskClass.HIGH}
    population = [Candidate(party=f"{each:04}", classes=both) for each in range(100)]
    visits = draw(population, [GENERAL, FOOD_SHARE], PLAN, "seed")
    assert len(visits) == 80, "the same parties for both, and not up to 160 visits"
    assert {visit.authorities for visit in visits} == {tuple(sorted((MARKET, FIRE)))}


def test_an_authority_draws_from_its_own_domain_alone() -> None:
    baker = Candidate(party="baker", classes={"general": RiskClass.HIGH, "food": RiskClass.HIGH})
    smith = Candidate(party="smith", classes={"general": RiskClass.HIGH})
    visits = draw([baker, smith], [FOOD_SHARE], PLAN, "seed")
    assert [(visit.party, visit.authorities) for visit in visits] == [("baker", (FIRE,))]


def test_who_has_no_room_left_is_not_drawn_and_the_next_is() -> None:
    population = parties(20)
    (first,), order = (
        draw(population[:10], [GENERAL], PLAN, "seed"),
        sorted(population[:10], key=lambda each: number_of("seed", each.party)),
    )
    closed = [
        replace(each, closed=frozenset({"general"})) if each.party == first.party else each
        for each in population[:10]
    ]
    (second,) = draw(closed, [GENERAL], PLAN, "seed")
    assert [first.party, second.party] == [each.party for each in order[:2]]


def inspected(*days_ago: int) -> list[Fact]:
    return [
        a_fact(FactKind.INSPECTION_CONFORMS, str(days), day=TODAY - timedelta(days=days))
        for days in days_ago
    ]


def closed(
    risk_class: RiskClass, facts: Sequence[Fact], drawn: Sequence[date] = (), **plan: Any
) -> bool:
    more = [a_fact(FactKind.LICENCE_GRANTED)]
    own = candidate(
        {"general": risk_class}, [*facts, *more], drawn, PLAN.model_copy(update=plan), TODAY
    )
    return own.closed == {"general"}


@pytest.mark.parametrize(
    ("risk_class", "days_ago", "is_closed"),
    [
        (RiskClass.LOW, 700, True),
        (RiskClass.LOW, 735, False),
        (RiskClass.ORDINARY, 360, True),
        (RiskClass.ORDINARY, 370, False),
        (RiskClass.HIGH, 1, False),
    ],
)
def test_the_frequency_of_its_class_leaves_a_party_alone(
    risk_class: RiskClass, days_ago: int, *, is_closed: bool
) -> None:
    assert closed(risk_class, inspected(days_ago)) is is_closed


def test_the_annual_cap_holds_for_every_class_and_counts_days_not_findings() -> None:
    assert not closed(RiskClass.HIGH, inspected(1, 2, 3))
    assert closed(RiskClass.HIGH, inspected(1, 2, 3, 4))
    same_day = [
        *inspected(1, 2, 3),
        a_fact(FactKind.INSPECTION_FAILS, "x", day=TODAY - timedelta(1)),
    ]
    assert not closed(RiskClass.HIGH, same_day), "a joint visit is one"
    last_year = inspected(330, 331, 332, 333)
    assert not closed(RiskClass.HIGH, last_year)


def test_visits_that_were_drawn_and_are_to_come_count_as_well() -> None:
    drawn = [TODAY - timedelta(days=each) for each in range(1, 5)]
    assert closed(RiskClass.HIGH, [], drawn)
    assert not closed(RiskClass.HIGH, [], drawn[:3])
    assert not closed(RiskClass.HIGH, inspected(9, 8, 7), drawn[:3]), "not counted twice"


@given(
    st.builds(
        Candidate,
        party=st.sampled_from(["91450721MA55AMPL13"]),
        classes=st.dictionaries(
            st.sampled_from(["general", "food", "construction-bidding"]),
            st.sampled_from(RiskClass),
            min_size=1,
        ),
        closed=st.frozensets(st.sampled_from(["general", "food"])),
    )
)
def test_a_candidate_is_read_back_from_its_line(one: Candidate) -> None:
    assert Candidate.of_line(one.line) == one


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    service = Service(monkeypatch)
    async with service.http:
        yield service


async def announced(service: Service, **more: Any) -> dict[str, Any]:
    body = {"title": "四季度联合抽查", "authorities": [{"authority": MARKET}]} | more
    answer = await service.http.post("/v1/draws", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def opened(service: Service, draw_id: str, word: str = "体彩 07 12 23") -> dict[str, Any]:
    answer = await service.http.post(f"/v1/draws/{draw_id}/opening", json={"word": word})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def bakers(number: int) -> list[Fact]:
    return [
        a_fact(
            FactKind.LICENCE_GRANTED,
            f"licence {each}",
            of=f"party {each:02}".replace(" ", "-"),
            items=(FOOD,),
            decision_id=f"licence {each}",
        )
        for each in range(number)
    ]


async def test_a_draw_is_announced_without_its_seed_and_proved_by_it(service: Service) -> None:
    await service.facts.add(bakers(30))
    before = await announced(service)
    assert (before["seed"], before["visits"], before["parties"]) == (None, [], 30)
    assert "内部监管参考" in before["notice"]
    after = await opened(service, before["draw_id"])
    assert commitment_to(after["seed"]) == before["commitment"] == after["commitment"]
    assert after["population_digest"] == before["population_digest"]
    assert len(after["visits"]) == 3, "ten per cent of class B"
    shown = (await service.http.get(f"/v1/draws/{before['draw_id']}")).json()
    assert shown == after


async def test_several_authorities_draw_together(service: Service) -> None:
    await service.facts.add(bakers(30))
    both = [{"authority": MARKET}, {"authority": FIRE, "domain": "food"}]
    made = await announced(service, authorities=both)
    visits = (await opened(service, made["draw_id"]))["visits"]
    assert [visit["authorities"] for visit in visits] == [[MARKET, FIRE]] * 3


async def test_a_draw_is_opened_once_and_never_drawn_again(service: Service) -> None:
    await service.facts.add(bakers(30))
    made = await announced(service)
    first = await opened(service, made["draw_id"], "one")
    assert await opened(service, made["draw_id"], "one") == first
    path = f"/v1/draws/{made['draw_id']}/opening"
    again = await service.http.post(path, json={"word": "a better one"})
    assert again.status_code == 409
    assert "不得重抽" in again.text


async def test_the_word_has_its_part_so_that_the_announcer_cannot_choose(service: Service) -> None:
    await service.facts.add(bakers(60))
    made = await announced(service)
    kept, population = service.draws.kept[made["draw_id"]], service.draws.populations
    drawn = {
        word: draw(
            population[made["draw_id"]], kept.shares, PLAN, replace(kept, word=word).whole_seed
        )
        for word in ("one", "two")
    }
    assert drawn["one"] != drawn["two"]


async def test_facts_that_come_later_change_no_announced_draw(service: Service) -> None:
    await service.facts.add(bakers(10))
    made = await announced(service)
    await service.facts.add(bakers(60))
    assert (await opened(service, made["draw_id"]))["parties"] == 10
    check = (await service.http.get(f"/v1/draws/{made['draw_id']}/check")).json()
    assert check == {"draw_id": made["draw_id"], "holds": True, "broken": []}


async def test_who_was_drawn_is_left_alone_by_the_next_draw(service: Service) -> None:
    await service.facts.add(bakers(10))
    first = await opened(service, (await announced(service))["draw_id"])
    (visited,) = [visit["party"] for visit in first["visits"]]
    second = await announced(service)
    (closed_one,) = [
        each.party for each in service.draws.populations[second["draw_id"]] if each.closed
    ]
    assert closed_one == visited


async def test_whom_another_draw_drew_since_the_announcement_is_not_drawn_again(
    service: Service,
) -> None:
    await service.facts.add(bakers(10))
    both = [(await announced(service))["draw_id"] for _ in range(10)]
    visited: list[str] = []
    for draw_id in both:
        service.clock += timedelta(minutes=1)
        drawn = await opened(service, draw_id)
        assert sorted(drawn["left_alone"]) == sorted(visited)
        visited += [visit["party"] for visit in drawn["visits"]]
        assert (await service.http.get(f"/v1/draws/{draw_id}/check")).json()["holds"] is True
    assert len(visited) == len(set(visited)) == 10


@pytest.mark.parametrize("broken", ["population", "seed", "visits"])
async def test_a_draw_that_somebody_changed_does_not_hold(service: Service, broken: str) -> None:
    await service.facts.add(bakers(30))
    id_ = (await opened(service, (await announced(service))["draw_id"]))["draw_id"]
    kept = service.draws.kept[id_]
    if broken == "population":
        service.draws.populations[id_] = service.draws.populations[id_][1:]
    else:
        change: dict[str, Any] = {"seed": "x"} if broken == "seed" else {"visits": ()}
        service.draws.kept[id_] = replace(kept, **change)
    assert broken in await check_draw(id_, draws=service.draws)


async def test_what_cannot_be_drawn_is_explained(service: Service) -> None:
    unknown = [{"authority": MARKET, "domain": "astrology"}]
    refused = await service.http.post("/v1/draws", json={"title": "x", "authorities": unknown})
    assert (refused.status_code, "food" in refused.json()["detail"]) == (422, True)
    nowhere = "00000000-0000-5000-8000-000000000000"
    assert (await service.http.get(f"/v1/draws/{nowhere}")).status_code == 404
    empty = await announced(service)
    assert (await opened(service, empty["draw_id"]))["visits"] == []


async def test_a_draw_is_opened_by_who_announced_it_alone(service: Service) -> None:
    made = await announced(service)
    assert made["by"] == SUPERVISOR.id
    service.draws.kept[made["draw_id"]] = replace(service.draws.kept[made["draw_id"]], by=MARKET)
    path = f"/v1/draws/{made['draw_id']}/opening"
    refused = await service.http.post(path, json={"word": "mine"})
    assert (refused.status_code, "由发起单位开启" in refused.text) == (403, True)
    assert service.draws.kept[made["draw_id"]].opened_at is None


def test_the_population_has_one_digest_and_another_if_any_of_it_is_another() -> None:
    population = parties(3)
    other = [*population[:2], replace(population[2], closed=frozenset({"general"}))]
    assert digest_of(population) == digest_of(parties(3)) != digest_of(other)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  D: {share_percent: 80}\n", "", "缺少 D"),
        ("share_percent: 40", "share_percent: 4", "比例须随风险递增"),
        ("most_a_year: 4", "most_a_year: 0", "most_a_year"),
        ("share_percent: 80", "share_percent: 101", "share_percent"),
    ],
)
def test_a_mistake_in_the_plan_is_explained(old: str, new: str, says: str, tmp_path: Path) -> None:
    folder = tmp_path / "scorecards"
    copytree(SAMPLE.parent, folder)
    file = folder / "sampling" / "plan.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(YamlFileError, match=says):
        read_sampling_plan(folder)


def test_the_sample_is_within_the_ranges_that_it_names() -> None:
    ranges = {"A": (0, 5), "B": (5, 20), "C": (21, 60), "D": (61, 100)}
    for risk_class, own in PLAN.classes.items():
        least, most = ranges[risk_class]
        assert least <= own.share_percent <= most
    assert PLAN.classes[RiskClass.HIGH] == ClassPlan(share_percent=80)

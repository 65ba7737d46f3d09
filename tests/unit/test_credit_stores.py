"""The stores of credit on a real database: the embedded one."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from shutil import copytree
from typing import Any
from uuid import uuid4

import pytest

from credit.adapters import mongo_draws
from credit.adapters.mongo_acts import MongoActs
from credit.adapters.mongo_cases import MongoCases
from credit.adapters.mongo_draws import MongoDraws
from credit.adapters.mongo_facts import MongoFacts
from credit.adapters.mongo_months import MongoMonths
from credit.adapters.mongo_ratings import MongoRatings
from credit.adapters.mongo_versions import MongoVersions
from credit.application.draw_sample import Draw
from credit.application.refuse_changed_scorecards import (
    ChangedScorecardError,
    refuse_changed_scorecards,
)
from credit.application.report_month import MonthReport
from credit.domain.cases import Case, CaseKind, CaseState, filed_on
from credit.domain.facts import ELIGIBILITY_KINDS, FactKind, Sanction
from credit.domain.month import Moves
from credit.domain.sampling import Candidate, Share, Visit
from credit.domain.scorecard import State
from credit.ports import CaseQuery, Revision
from linkage_contracts.codes import PartyKind, PenaltyKind, RiskClass
from linkage_contracts.ids import stable_id
from linkage_contracts.ratings import Bar, DomainRating, Rating, Reason
from linkage_runtime.mongo import connect, database
from tests.unit.credit_builders import NOON, PARTY, SAMPLE, TODAY, a_fact, listed, scorecard
from tests.unit.credit_desk import PLAN

RANK = 26_001
FOOD_CARD = SAMPLE.parent / "food.yaml"


@dataclass(frozen=True)
class Stores:
    facts: MongoFacts
    ratings: MongoRatings
    acts: MongoActs
    cases: MongoCases
    draws: MongoDraws
    months: MongoMonths
    versions: MongoVersions


@pytest.fixture
async def stores(mongo: str) -> AsyncIterator[Stores]:
    client = connect(mongo)
    fresh = database(client, f"credit_{uuid4().hex}")
    stores = Stores(
        MongoFacts(fresh["facts"]),
        MongoRatings(fresh["ratings"]),
        MongoActs(fresh["acts"]),
        MongoCases(fresh["cases"]),
        MongoDraws(fresh["draws"], fresh["draw_populations"]),
        MongoMonths(fresh["months"]),
        MongoVersions(fresh["versions"]),
    )
    for _ in range(2):
        await stores.facts.create_indexes()
        await stores.ratings.create_indexes()
        await stores.acts.create_indexes()
        await stores.cases.create_indexes()
        await stores.draws.create_indexes()
    yield stores
    client.close()


def a_rating(
    revision: int = 1, risk_class: RiskClass = RiskClass.ORDINARY, party: str = PARTY
) -> Rating:
    fact = stable_id("fact", str(revision))
    return Rating(
        party=party,
        party_name="灵山县示例餐饮有限公司",
        risk_class=risk_class,
        previous_class=RiskClass.ORDINARY,
        points=revision,
        scorecard="general-2026.1",
        as_of=TODAY,
        revision=revision,
        reasons=(Reason(criterion="one", title="检查", points=revision, facts=(fact,)),),
        bars=(Bar(fact=fact, since=TODAY, ground="违反告知承诺", remedy="信用修复"),),
    )


def a_revision(before: Rating | None, after: Rating) -> Revision:
    return Revision(before=before, after=after)


async def test_a_fact_comes_back_as_it_was_stored(stores: Stores) -> None:
    sanction = Sanction(
        kinds=(PenaltyKind.FINE, PenaltyKind.LICENCE_SUSPENDED), fine=Decimal("0.125")
    )
    facts = (
        a_fact(FactKind.PENALTY_IMPOSED, sanction=sanction),
        a_fact(FactKind.LISTED, party_kind=PartyKind.LEGAL_PERSON, items=("000131902000",)),
        a_fact(FactKind.FACT_CORRECTED, sanction=sanction, corrected_on=TODAY),
        a_fact(FactKind.FACTS_REPAIRED, targets=[stable_id("fact", "a"), stable_id("fact", "b")]),
    )
    assert await stores.facts.add(facts) == facts
    assert set(await stores.facts.of_party(PARTY)) == set(facts)
    assert (await stores.facts.of_parties({PARTY, "nobody"})).keys() == {PARTY}


async def test_only_what_was_new_is_told_to_be_new(stores: Stores) -> None:
    one, two = a_fact(FactKind.BREACH_FOUND), a_fact(FactKind.BREACH_CONFIRMED)
    await stores.facts.add([one])
    assert await stores.facts.add([one, two]) == (two,)
    assert await stores.facts.add([]) == ()
    assert len(await stores.facts.of_party(PARTY)) == 2


async def test_the_facts_that_decide_at_the_counter_can_be_read_alone(stores: Stores) -> None:
    await stores.facts.add([a_fact(kind) for kind in FactKind])
    found = await stores.facts.deciding({PARTY, "nobody"})
    assert found.keys() == {PARTY}
    assert {fact.kind for fact in found[PARTY]} == ELIGIBILITY_KINDS


async def test_a_rating_comes_back_as_it_was_stored(stores: Stores) -> None:
    rating = a_rating()
    assert await stores.ratings.save([a_revision(None, rating)], RANK) == frozenset()
    assert await stores.ratings.of_parties([PARTY, "nobody"]) == {PARTY: rating}


async def test_of_many_parties_every_one_is_found(stores: Stores) -> None:
    ratings = {f"party {number:02}": a_rating(party=f"party {number:02}") for number in range(60)}
    await stores.ratings.save([a_revision(None, rating) for rating in ratings.values()], RANK)
    assert await stores.ratings.of_parties(ratings.keys()) == ratings


async def test_who_comes_second_is_told_and_changes_nothing(stores: Stores) -> None:
    first, second, third = a_rating(1), a_rating(2), a_rating(3)
    await stores.ratings.save([a_revision(None, first)], RANK)
    assert await stores.ratings.save([a_revision(None, second)], RANK) == {PARTY}
    assert await stores.ratings.save([a_revision(first, second)], RANK) == frozenset()
    assert await stores.ratings.save([a_revision(first, third)], RANK) == {PARTY}
    assert await stores.ratings.of_parties([PARTY]) == {PARTY: second}


async def test_a_write_whose_answer_was_lost_is_not_somebody_elses(stores: Stores) -> None:
    first, second = a_rating(1), a_rating(2)
    for _ in range(2):
        assert await stores.ratings.save([a_revision(None, first)], RANK) == frozenset()
    for _ in range(2):
        assert await stores.ratings.save([a_revision(first, second)], RANK) == frozenset()


async def test_the_newest_changes_are_found_over_all_parties(stores: Stores) -> None:
    for days, party in enumerate(("newest", "older", "oldest")):
        changed = {"class_since": TODAY - timedelta(days=days), "party": party}
        rating = a_rating().model_copy(update=changed)
        await stores.ratings.save([a_revision(None, rating)], RANK)
    await stores.ratings.save([a_revision(None, a_rating(party="never changed"))], RANK)
    newest = await stores.ratings.newest_changes(2)
    assert [rating.party for rating in newest] == ["newest", "older"]
    assert len(await stores.ratings.newest_changes(9)) == 3


async def test_a_class_that_never_was_another_is_no_change_any_more(stores: Stores) -> None:
    before = a_rating(1).model_copy(update={"class_since": TODAY, "next_change_on": TODAY})
    await stores.ratings.save([a_revision(None, before)], RANK)
    await stores.ratings.save([a_revision(before, a_rating(2))], RANK)
    assert await stores.ratings.newest_changes(9) == ()
    assert await stores.ratings.due(TODAY, 9) == ()


async def test_a_scorecard_that_came_into_force_is_changed_no_more(stores: Stores) -> None:
    card = scorecard()
    await refuse_changed_scorecards([card], versions=stores.versions)
    harsher = card.criteria[0].model_copy(update={"validity_days": 1})
    changed = card.model_copy(update={"criteria": (harsher, *card.criteria[1:])})
    with pytest.raises(ChangedScorecardError, match=r"general-2026\.1"):
        await refuse_changed_scorecards([changed], versions=stores.versions)
    for state in (State.DRAFT, State.RETIRED):
        other = changed.model_copy(update={"state": state})
        await refuse_changed_scorecards([other], versions=stores.versions)
    same = card.model_copy(update={"title": "正式评分表", "items": frozenset(sorted(card.items))})
    await refuse_changed_scorecards([same], versions=stores.versions)
    following = changed.model_copy(update={"version": "general-2026.2"})
    await refuse_changed_scorecards([following], versions=stores.versions)


def test_provisioning_refuses_a_scorecard_that_was_changed(mongo: str, tmp_path: Path) -> None:
    folder = tmp_path / "scorecards"
    copytree(SAMPLE.parent, folder)
    settings = {
        "LINKAGE_MONGO": mongo,
        "LINKAGE_KAFKA": "127.0.0.1:1",
        "LINKAGE_MASTER_KEY": "A" * 43 + "=",
        "LINKAGE_SCORECARDS": str(folder),
    }

    def provision() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "credit.entrypoints.provision"]
        return subprocess.run(
            command, env=os.environ | settings, capture_output=True, text=True, check=False
        )

    for _ in range(2):
        first = provision()
        assert first.returncode == 0, first.stderr
    file = folder / "general.yaml"
    changed = file.read_text(encoding="utf-8").replace("points: 8\n", "points: 9\n", 1)
    file.write_text(changed, encoding="utf-8")
    refused = provision()
    assert (refused.returncode, "general-2026.1" in refused.stderr) == (1, True), refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_digest_of_a_scorecard_is_the_same_in_every_process() -> None:
    asked = (
        "from pathlib import Path; from credit.adapters.scorecard_files import read_scorecard; "
        f"print(read_scorecard(Path({str(FOOD_CARD)!r})).digest)"
    )
    said = {
        subprocess.check_output(
            [sys.executable, "-c", asked], env=os.environ | {"PYTHONHASHSEED": seed}
        )
        for seed in ("1", "2")
    }
    assert len(said) == 1


async def test_every_class_is_counted_in_each_domain(stores: Stores) -> None:
    food = DomainRating(
        domain="food", items=(), risk_class=RiskClass.HIGH, points=60, scorecard="food-2026.1"
    )
    two = a_rating(party="two").model_copy(update={"domains": (food,)})
    for rating in (a_rating(party="one"), two):
        await stores.ratings.save([a_revision(None, rating)], RANK)
    nobody = dict.fromkeys(RiskClass, 0)
    counts = stores.ratings.class_counts
    assert await counts("general") == nobody | {RiskClass.ORDINARY: 2}
    assert await counts("food") == nobody | {RiskClass.HIGH: 1}
    assert await counts("unheard-of") == nobody


async def test_who_is_due_is_found_longest_due_first_and_no_more_than_asked(stores: Stores) -> None:
    days = {"soon": 5, "now": 0, "late": -3, "never": None}
    for party, day in days.items():
        change = None if day is None else TODAY + timedelta(days=day)
        rating = a_rating(party=party).model_copy(update={"next_change_on": change})
        await stores.ratings.save([a_revision(None, rating)], RANK)
    assert await stores.ratings.due(TODAY, 9) == ("late", "now")
    assert await stores.ratings.due(TODAY, 1) == ("late",)
    assert await stores.ratings.due(TODAY + timedelta(days=900), 9) == ("late", "now", "soon")


async def test_who_was_rated_by_older_scorecards_is_found_until_it_was_seen(stores: Stores) -> None:
    parties = {f"party {number:02}" for number in range(60)}
    firsts = [a_revision(None, a_rating(party=party)) for party in parties]
    await stores.ratings.save(firsts, RANK)
    assert await stores.ratings.ranked_below(RANK, 99) == ()
    assert set(await stores.ratings.ranked_below(RANK + 1, 99)) == parties
    seen = await stores.ratings.ranked_below(RANK + 1, 55)
    await stores.ratings.raise_rank(seen, RANK + 1)
    assert set(await stores.ratings.ranked_below(RANK + 1, 99)) == parties - set(seen)
    await stores.ratings.raise_rank(seen, RANK)
    assert len(await stores.ratings.ranked_below(RANK + 1, 99)) == 5, "never lowered"


async def test_acts_come_back_as_they_stood_on_the_log_once_and_in_order(stores: Stores) -> None:
    first, second = listed("one"), listed("two", day=TODAY - timedelta(days=1))
    await stores.acts.add([first, second, first])
    await stores.acts.add([second])
    assert await stores.acts.of_party(PARTY) == (second, first)
    await stores.acts.add([])
    assert await stores.acts.of_party("nobody") == ()


async def test_all_facts_come_party_after_party(stores: Stores) -> None:
    facts = [a_fact(FactKind.INSPECTION_FAILS, str(n)) for n in range(4)]
    moved = [replace(fact, party=f"party {n % 2}") for n, fact in enumerate(facts)]
    await stores.facts.add(moved)
    found = [known async for known in stores.facts.by_party()]
    assert [{fact.party for fact in known} for known in found] == [{"party 0"}, {"party 1"}]
    assert {fact for known in found for fact in known} == set(moved)


async def test_a_draw_comes_back_as_it_was_announced_and_is_opened_once(stores: Stores) -> None:
    population = [
        Candidate(party=f"{each:018}", classes={"general": RiskClass.HIGH}) for each in range(3)
    ]
    made = Draw(
        draw_id=stable_id("draw", "one"),
        title="联合抽查",
        shares=(Share(authority="a", domain="general"),),
        by="b",
        announced_at=NOON,
        plan=PLAN,
        population_digest="0",
        parties=3,
        seed="secret",
    )
    await stores.draws.announce(made, population)
    assert await stores.draws.of_id(made.draw_id) == made
    assert await stores.draws.of_id("nobody's") is None
    assert list(await stores.draws.population(made.draw_id)) == population
    visits = (Visit(party=population[0].party, authorities=("a",)),)
    alone = (population[2].party,)
    opened = replace(made, word="w", opened_at=NOON, visits=visits, left_alone=alone)
    assert await stores.draws.open(opened) is True
    assert await stores.draws.open(replace(opened, word="another")) is False
    assert await stores.draws.of_id(made.draw_id) == opened
    assert await stores.draws.drawn_since(TODAY) == {population[0].party: (TODAY,)}
    earlier, later = NOON - timedelta(seconds=1), NOON + timedelta(seconds=1)
    assert await stores.draws.drawn_between(earlier, NOON) == {population[0].party}
    assert await stores.draws.drawn_between(NOON, later) == frozenset()
    assert await stores.draws.drawn_since(TODAY + timedelta(days=1)) == {}


async def test_a_large_draw_is_kept_in_parts_and_read_in_order(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongo_draws, "_LINES", 2)
    population = [
        Candidate(party=f"{each:018}", classes={"food": RiskClass.LOW}) for each in range(5)
    ]
    made = Draw(
        draw_id=stable_id("draw", "large"),
        title="x",
        shares=(),
        by="b",
        announced_at=NOON,
        plan=PLAN,
        population_digest="0",
        parties=5,
        seed="s",
    )
    await stores.draws.announce(made, population)
    visits = tuple(Visit(party=each.party, authorities=("a, b", "c\nd")) for each in population)
    opened = replace(made, word="w", opened_at=NOON, visits=visits)
    assert await stores.draws.open(opened) is True
    assert list(await stores.draws.population(made.draw_id)) == population
    assert await stores.draws.of_id(made.draw_id) == opened


async def test_months_are_kept_once_and_shown_newest_first(stores: Stores) -> None:
    counted = {(None, RiskClass.LOW): 2, (RiskClass.LOW, RiskClass.HIGH): 1}
    reports = [
        MonthReport(
            first=date(2026, month, 1),
            made_at=NOON,
            domains=(Moves(domain="food", scorecard="food-2026.1", between=Counter(counted)),),
        )
        for month in (9, 11, 10)
    ]
    for report in reports:
        assert not await stores.months.has(report.first)
        await stores.months.add(report)
        await stores.months.add(replace(report, domains=()))
        assert await stores.months.has(report.first)
    assert await stores.months.newest(2) == (reports[1], reports[2])


def a_case(name: str, minutes: int = 0, **more: Any) -> Case:
    fields: dict[str, Any] = {
        "case_id": stable_id("case", name),
        "kind": CaseKind.REPAIR,
        "filed_id": stable_id("application", name),
        "authority": "A",
        "party": PARTY,
        "filed_at": NOON + timedelta(minutes=minutes),
        "filed_by": "W",
        "ground": "依法办理",
        "facts": (stable_id("fact", name),),
        "acts": 1,
    }
    return Case(**fields | more)


async def test_a_case_is_what_more_acts_make_it_whichever_is_saved_first(stores: Stores) -> None:
    early = a_case("one")
    late = replace(early, acts=2, state=CaseState.GRANTED, settled_at=NOON, settled_by="A")
    for one in (early, late, early):
        await stores.cases.save([one])
    assert await stores.cases.of_id(early.case_id) == late
    assert await stores.cases.of_id(stable_id("case", "none")) is None


async def test_cases_are_listed_by_filing_and_by_all_that_a_clerk_asks_for(
    stores: Stores,
) -> None:
    cases = [
        a_case("first", 0),
        a_case("objection", 1, kind=CaseKind.OBJECTION),
        a_case("done", 2, state=CaseState.REFUSED, settled_at=NOON, settled_by="A"),
        a_case("foreign", 3, authority="B"),
        *sorted((a_case(f"same {n}", 4) for n in range(3)), key=lambda case: case.case_id),
        a_case("late", 24 * 60),
    ]
    await stores.cases.save(cases[::-1])

    async def listed_(**asked: Any) -> list[Case]:
        wanted: dict[str, Any] = {
            "authorities": None,
            "states": tuple(CaseState),
            "filed_until": dict.fromkeys(CaseKind, date.max),
            "party": None,
            "after": None,
            "limit": 100,
        }
        return list(await stores.cases.page(CaseQuery(**wanted | asked)))

    assert await listed_() == cases
    assert await listed_(limit=2) == cases[:2]
    for number, case in enumerate(cases):
        assert await listed_(after=case) == cases[number + 1 :]
    assert await listed_(authorities=frozenset({"B"})) == [cases[3]]
    assert await listed_(states=(CaseState.REFUSED,)) == [cases[2]]
    assert await listed_(party="another") == []
    until = filed_on(cases[0])
    assert await listed_(filed_until={CaseKind.OBJECTION: until}) == [cases[1]]
    assert cases[-1] not in await listed_(filed_until=dict.fromkeys(CaseKind, until))


async def test_who_was_ever_on_a_list_is_found_page_by_page(stores: Stores) -> None:
    parties = [f"party {number}" for number in range(5)]
    await stores.facts.add(
        [
            *(a_fact(FactKind.LISTED, party, of=party, list_code="red") for party in parties),
            a_fact(FactKind.LISTED, "again", of=parties[0], list_code="red"),
            a_fact(FactKind.LISTED, "other", of="party 9", list_code="redder"),
            a_fact(FactKind.INSPECTION_FAILS, "no entry"),
        ]
    )
    seen: list[str] = []
    for length in (2, 2, 1, 0):
        page = await stores.facts.ever_listed("red", seen[-1] if seen else "", 2)
        assert len(page) == length
        seen += page
    assert seen == parties


async def test_acts_are_found_by_their_ids(stores: Stores) -> None:
    one, two = listed("one"), listed("two")
    await stores.acts.add([one, two])
    assert await stores.acts.of_ids([one.id, stable_id("none")]) == {one.id: one}

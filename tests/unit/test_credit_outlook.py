"""What time will bring, what the party could do, what a draft would change: by the same rating."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.adapters.scorecard_files import read_scorecards
from credit.application.try_scorecard import try_scorecard
from credit.domain.criteria import Criterion, Step
from credit.domain.facts import Fact, FactKind, Sanction
from credit.domain.grades import Seriousness
from credit.domain.outlook import Outlook, look_ahead
from credit.domain.rating import rate
from credit.domain.repair import plus_months, published_until, repairable_from
from credit.domain.scorecard import Band
from linkage_contracts.codes import PenaltyKind, RiskClass
from tests.unit.credit_builders import (
    PARTY,
    SAMPLE,
    TODAY,
    FactsInMemory,
    a_fact,
    scorecard,
)
from tests.unit.test_credit_rating import _facts

CARD, CARDS = scorecard(), read_scorecards(SAMPLE.parent)
unhurried = settings(deadline=None, max_examples=40)
FAILS = a_fact(FactKind.INSPECTION_FAILS)
MOSTLY = a_fact(FactKind.INSPECTION_MOSTLY_CONFORMS)


def days_on(number: int) -> date:
    return TODAY + timedelta(days=number)


@unhurried
@given(
    points=st.integers(-60, 60).filter(bool),
    validity=st.integers(1, 1_100),
    age=st.integers(0, 1_200),
)
def test_the_next_day_of_a_linear_fading_is_the_first_with_other_points(
    points: int, validity: int, age: int
) -> None:
    line = Criterion(
        code="line",
        title="示例",
        facts=(FactKind.INSPECTION_MOSTLY_CONFORMS,),
        points=points,
        cap=points,
        validity_days=validity,
        decay="linear",
    )
    on, ends = days_on(age), days_on(validity)
    worth = line.points_for(MOSTLY, on)
    expected = next(
        (
            days_on(n)
            for n in range(age + 1, validity)
            if line.points_for(MOSTLY, days_on(n)) != worth
        ),
        ends,
    )
    assert line.changes_after(MOSTLY, on) == (expected if on < ends else None)


def test_a_fact_that_fades_in_steps_changes_on_them() -> None:
    line = Criterion(
        code="line",
        title="示例",
        facts=(FactKind.INSPECTION_FAILS,),
        points=10,
        cap=10,
        validity_days=300,
        decay="steps",
        steps=(Step(after_days=100, percent=50), Step(after_days=200, percent=10)),
    )
    found = [line.changes_after(FAILS, days_on(n)) for n in (-1, 0, 99, 100, 200, 299, 300)]
    assert found == [TODAY, *[days_on(n) for n in (100, 100, 200, 300, 300)], None]


def outlook_of(*facts: Fact) -> Outlook:
    return look_ahead(facts, CARD, rate(PARTY, facts, CARD, TODAY))


def test_every_fact_is_told_with_its_points_and_what_a_cap_leaves_out() -> None:
    fails = [a_fact(FactKind.INSPECTION_FAILS, f"no {each}") for each in range(5)]
    outlook = outlook_of(*fails)
    assert [share.points for share in outlook.shares] == [8] * 5
    assert [share.counted for share in outlook.shares] == [True] * 4 + [False]
    assert {share.ends_on for share in outlook.shares} == {days_on(730)}
    assert {share.fades_on for share in outlook.shares} == {days_on(46)}


def test_what_is_to_come_ends_in_nothing_and_names_the_day_of_a_better_class() -> None:
    fails = [a_fact(FactKind.INSPECTION_FAILS, f"no {each}") for each in range(3)]
    outlook = outlook_of(*fails)
    assert outlook.decided_by == "bands"
    assert outlook.to_come[-1].points == 0
    assert outlook.ways is not None
    better = outlook.ways.waiting
    assert better is not None
    assert rate(PARTY, fails, CARD, better.on).risk_class is RiskClass.ORDINARY
    before = better.on - timedelta(days=1)
    assert rate(PARTY, fails, CARD, before).risk_class is RiskClass.RAISED


def test_the_fewest_heaviest_repairs_that_would_do_are_named() -> None:
    facts = [a_fact(FactKind.INSPECTION_FAILS, f"no {each}") for each in range(3)]
    stain = a_fact(FactKind.BREACH_CONFIRMED)
    ways = outlook_of(*facts, stain).ways
    assert ways is not None
    assert ways.repair == (stain.fact_id,)
    assert ways.repaired_class is RiskClass.RAISED


def test_a_good_record_that_would_do_is_counted_out() -> None:
    ways = outlook_of(a_fact(FactKind.LICENCE_GRANTED)).ways
    assert ways is not None
    assert ("inspection_conforms", 2) in ways.record


def test_the_rule_that_decided_is_named_and_the_best_class_needs_no_way() -> None:
    listed = a_fact(FactKind.LISTED)
    assert outlook_of(listed).decided_by == "rule_serious_violation_list"
    best = [a_fact(FactKind.INSPECTION_CONFORMS, name) for name in ("one", "two")]
    assert outlook_of(*best).ways is None


@unhurried
@given(facts=_facts())
def test_every_way_up_holds_if_it_is_gone(facts: list[Fact]) -> None:
    if not facts:
        return
    rating = rate(PARTY, facts, CARD, TODAY)
    ways = look_ahead(facts, CARD, rating).ways
    if ways and ways.waiting:
        assert rate(PARTY, facts, CARD, ways.waiting.on).risk_class < rating.risk_class
    if ways and ways.repair:
        repair = a_fact(FactKind.FACTS_REPAIRED, "really", targets=ways.repair)
        assert rate(PARTY, [*facts, repair], CARD, TODAY).risk_class is ways.repaired_class


@pytest.mark.parametrize(
    ("seriousness", "first", "last"),
    [
        (Seriousness.MINOR, date(2026, 11, 23), date(2027, 2, 23)),
        (Seriousness.ORDINARY, date(2027, 2, 23), date(2027, 11, 23)),
        (Seriousness.SERIOUS, date(2027, 11, 23), date(2029, 11, 23)),
    ],
)
def test_the_terms_of_order_36_run_from_the_day_of_the_document(
    seriousness: Seriousness, first: date, last: date
) -> None:
    assert repairable_from(FAILS, seriousness) == first
    assert published_until(FAILS, seriousness) == last


def test_a_month_without_that_day_ends_on_its_last() -> None:
    assert plus_months(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert plus_months(date(2026, 12, 31), 12) == date(2027, 12, 31)


def of(party: str, fact: Fact) -> Fact:
    return Fact(**{name: getattr(fact, name) for name in Fact.__slots__} | {"party": party})


async def test_a_trial_counts_between_classes_and_names_who_moves_most() -> None:
    revoked = Sanction(kinds=(PenaltyKind.LICENCE_REVOKED,), fine=Decimal(0))
    facts = [
        of("one", a_fact(FactKind.INSPECTION_FAILS, "1")),
        of("two", a_fact(FactKind.PENALTY_IMPOSED, "2", sanction=revoked)),
        of("three", a_fact(FactKind.LICENCE_GRANTED, "3")),
    ]
    bands = (*CARD.bands[:2], Band(risk_class=RiskClass.RAISED, at_most=30), CARD.bands[3])
    draft = CARD.model_copy(update={"version": "general-2026.2", "bands": bands})
    trial = await try_scorecard(draft, CARD, TODAY, facts=FactsInMemory(*facts))
    assert dict(trial.matrix) == {
        (RiskClass.ORDINARY, RiskClass.ORDINARY): 2,
        (RiskClass.RAISED, RiskClass.HIGH): 1,
    }
    assert [(move.party, move.before, move.after) for move in trial.moves] == [("two", "C", "D")]
    assert (trial.parties, trial.before, trial.is_refused) == (3, CARD.version, False)


async def test_a_draft_that_puts_everybody_into_one_class_is_refused() -> None:
    facts = [of(str(n), a_fact(FactKind.LICENCE_GRANTED, str(n))) for n in range(5)]
    trial = await try_scorecard(CARD, None, TODAY, facts=FactsInMemory(*facts))
    assert trial.is_refused
    assert dict(trial.matrix) == {(None, RiskClass.ORDINARY): 5}
    assert trial.warnings


class ManyFacts:
    async def by_party(self) -> AsyncIterator[tuple[Fact, ...]]:
        for number in range(2_500):
            kind = FactKind.BREACH_CONFIRMED if number % 2 else FactKind.INSPECTION_FAILS
            yield (of(f"party {number:04}", a_fact(kind, str(number))),)


async def test_of_many_only_the_hundred_that_move_most_are_kept() -> None:
    harder = CARD.bands[1].model_copy(update={"at_most": 5})
    draft = CARD.model_copy(update={"bands": (CARD.bands[0], harder, *CARD.bands[2:])})
    trial = await try_scorecard(draft, CARD, TODAY, facts=ManyFacts())
    assert len(trial.moves) == 100
    assert {move.after for move in trial.moves} == {RiskClass.RAISED}
    assert trial.moves[0].party == "party 2498"


async def test_a_domain_counts_only_what_concerns_its_items() -> None:
    food = read_scorecards(SAMPLE.parent).published["food"]
    licence = a_fact(FactKind.LICENCE_GRANTED, decision_id="food", items=("000131902000",))
    inside = a_fact(FactKind.INSPECTION_FAILS, "inside", decision_id="food")
    outside = a_fact(FactKind.INSPECTION_FAILS, "outside", decision_id="roads")
    alone = a_fact(FactKind.INSPECTION_FAILS, "alone")
    assert rate(PARTY, [licence, inside, outside, alone], food, TODAY).points == 20
    stranger = FactsInMemory(outside)
    assert (await try_scorecard(food, None, TODAY, facts=stranger)).parties == 0


@pytest.mark.parametrize("domain", sorted(CARDS.published))
async def test_in_no_domain_may_a_draft_put_everybody_into_d(domain: str) -> None:
    card = CARDS.published[domain]
    bands = [Band(risk_class=c, at_most=-1_003 + n) for n, c in enumerate(tuple(RiskClass)[:3])]
    draft = card.model_copy(update={"bands": (*bands, Band(risk_class=RiskClass.HIGH))})
    licences = [
        a_fact(
            FactKind.LICENCE_GRANTED, party, of=party, decision_id=party, items=tuple(card.items)
        )
        for party in ("one", "two", "three")
    ]
    trial = await try_scorecard(draft, card, TODAY, facts=FactsInMemory(*licences))
    assert (trial.parties, trial.is_refused) == (3, True)
    assert any("almost everybody is D" in warning for warning in trial.warnings)
    fine = await try_scorecard(card, card, TODAY, facts=FactsInMemory(*licences))
    assert not any("more are D" in warning for warning in fine.warnings)

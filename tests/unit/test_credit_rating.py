"""A rating is a pure function of facts, scorecard and day."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.domain.facts import ACT_KINDS, REPAIRABLE_KINDS, Fact, FactKind, Sanction
from credit.domain.rating import rate
from credit.domain.standing import as_corrected
from linkage_contracts.codes import PartyKind, PenaltyKind, RiskClass
from linkage_contracts.ids import stable_id
from linkage_contracts.ratings import Rating
from tests.unit.credit_builders import PARTY, TODAY, a_fact, bars_of, scorecard

CARD = scorecard()
YESTERDAY = TODAY - timedelta(days=1)
TOMORROW = TODAY + timedelta(days=1)
MATTERS = ("m1", "m2", "m3")
# A busy machine must not fail a property.
unhurried = settings(deadline=None)


@st.composite
def _facts(draw: st.DrawFn) -> list[Fact]:
    """Facts about one party: some about one matter, some repairing others."""
    facts: list[Fact] = []
    for number in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(FactKind))
        known = [fact.fact_id for fact in facts]
        day = TODAY - timedelta(days=draw(st.integers(-5, 1_500)))
        targets = st.lists(st.sampled_from(known or ["nothing"]), max_size=2, unique=True)
        corrects = kind is FactKind.FACT_CORRECTED
        facts.append(
            a_fact(
                kind,
                f"fact {number}",
                day=day,
                matter=draw(st.sampled_from(MATTERS)),
                sanction=_sanction(draw) if corrects or kind is FactKind.PENALTY_IMPOSED else None,
                targets=draw(targets) if kind in ACT_KINDS else (),
                until=day + timedelta(days=draw(st.integers(1, 900))),
                list_code=draw(st.sampled_from(["serious_violation", "industry_black"])),
                corrected_on=TODAY - timedelta(days=draw(st.integers(0, 900)))
                if corrects
                else None,
                party_kind=draw(st.sampled_from([None, *PartyKind])),
            )
        )
    return facts


def _sanction(draw: st.DrawFn) -> Sanction:
    kinds = draw(st.lists(st.sampled_from(PenaltyKind), min_size=1, max_size=3, unique=True))
    return Sanction(kinds=tuple(kinds), fine=Decimal(draw(st.integers(0, 2_000_000))))


def rated(*facts: Fact, on: date = TODAY) -> Rating:
    return rate(PARTY, facts, CARD, on)


@unhurried
@given(facts=_facts(), seed=st.integers(), on=st.dates(date(2023, 1, 1), date(2030, 1, 1)))
def test_any_order_and_any_repetition_give_the_same_bytes(
    facts: list[Fact], seed: int, on: date
) -> None:
    shuffled = facts + facts[: len(facts) // 2]
    random.Random(seed).shuffle(shuffled)  # noqa: S311 -- repeatable, not secret
    one, other = rate(PARTY, facts, CARD, on), rate(PARTY, shuffled, CARD, on)
    assert one.model_dump_json() == other.model_dump_json()


@unhurried
@given(facts=_facts())
def test_the_points_of_the_reasons_add_up_to_the_total(facts: list[Fact]) -> None:
    rating = rated(*facts)
    assert sum(reason.points for reason in rating.reasons) == rating.points


@unhurried
@given(facts=_facts())
def test_no_criterion_goes_beyond_its_cap_and_every_reason_names_facts(facts: list[Fact]) -> None:
    caps = {criterion.code: criterion.cap for criterion in CARD.criteria}
    for reason in rated(*facts).reasons:
        assert abs(reason.points) <= abs(caps.get(reason.criterion, 0))
        assert reason.facts


@unhurried
@given(facts=_facts(), kind=st.sampled_from(sorted(REPAIRABLE_KINDS)))
def test_a_repaired_fact_never_counts(facts: list[Fact], kind: FactKind) -> None:
    stain = a_fact(kind, "stain", sanction=Sanction(kinds=(PenaltyKind.FINE,), fine=Decimal(1)))
    repair = a_fact(FactKind.FACTS_REPAIRED, "repair", targets=[stain.fact_id])
    with_it, without = rated(*facts, stain, repair), rated(*facts)
    assert (with_it.points, with_it.risk_class) == (without.points, without.risk_class)
    assert with_it.reasons == without.reasons
    assert bars_of([*facts, stain, repair], TODAY) == bars_of(facts, TODAY)


@unhurried
@given(facts=_facts())
def test_what_a_bar_names_is_a_breach_or_a_list_that_nothing_repairs(facts: list[Fact]) -> None:
    known = {fact.fact_id: fact for fact in facts}
    repaired = {
        each
        for fact in as_corrected(facts)
        if fact.kind is FactKind.FACTS_REPAIRED and fact.occurred_on <= TODAY
        for each in fact.targets
    }
    for bar in bars_of(facts, TODAY):
        assert known[bar.fact].kind in {FactKind.BREACH_CONFIRMED, FactKind.LISTED}
        assert bar.fact not in repaired
        assert bar.since <= TODAY


def test_of_whom_nothing_speaks_the_class_is_b() -> None:
    rating = rated(a_fact(FactKind.LICENCE_GRANTED))
    assert (rating.risk_class, rating.points) == (RiskClass.ORDINARY, 0)
    assert rating.reasons == ()


def test_two_passed_inspections_earn_an_a_that_fades() -> None:
    facts = [a_fact(FactKind.INSPECTION_CONFORMS, name) for name in ("one", "two")]
    assert rated(*facts).risk_class is RiskClass.LOW
    assert rated(*facts, on=TODAY + timedelta(days=700)).risk_class is RiskClass.ORDINARY


def test_a_fact_fades_in_whole_points_and_then_falls_away() -> None:
    fails = a_fact(FactKind.INSPECTION_FAILS)
    days = (0, 45, 46, 365, 729, 730)
    points = [rated(fails, on=TODAY + timedelta(days=each)).points for each in days]
    # 8 points over 730 days: 7.507 is 8, 7.496 is 7.
    assert points == [8, 8, 7, 4, 0, 0]


def test_steps_take_points_away_on_their_day() -> None:
    penalty = a_fact(
        FactKind.PENALTY_IMPOSED,
        sanction=Sanction(kinds=(PenaltyKind.LICENCE_REVOKED,), fine=Decimal(0)),
    )
    days = (0, 364, 365, 730, 1_094, 1_095)
    points = [rated(penalty, on=TODAY + timedelta(days=each)).points for each in days]
    assert points == [40, 40, 30, 20, 20, 0]


def test_a_cap_holds_and_only_the_facts_that_reach_it_are_named() -> None:
    fails = [a_fact(FactKind.INSPECTION_FAILS, f"no {each}") for each in range(9)]
    (reason,) = rated(*fails).reasons
    assert (reason.points, len(reason.facts)) == (32, 4)


def test_under_a_cap_the_heaviest_facts_are_named_and_the_faded_are_not() -> None:
    fresh = [a_fact(FactKind.INSPECTION_FAILS, f"fresh {each}") for each in range(4)]
    day = TODAY - timedelta(days=600)
    faded = [a_fact(FactKind.INSPECTION_FAILS, f"faded {each}", day=day) for each in range(4)]
    (reason,) = rated(*faded, *fresh).reasons
    assert set(reason.facts) == {fact.fact_id for fact in fresh}


@pytest.mark.parametrize(
    ("kinds", "fine", "points"),
    [
        ((PenaltyKind.WARNING,), 0, 5),
        ((PenaltyKind.FINE,), 9_999, 5),
        ((PenaltyKind.FINE,), 10_000, 15),
        ((PenaltyKind.WARNING, PenaltyKind.UNLAWFUL_GAINS_CONFISCATED), 0, 15),
        ((PenaltyKind.FINE,), 1_000_000, 40),
        ((PenaltyKind.WARNING, PenaltyKind.LICENCE_REVOKED), 0, 40),
    ],
)
def test_the_gravest_kind_or_the_fine_grades_a_penalty(
    kinds: tuple[PenaltyKind, ...], fine: int, points: int
) -> None:
    sanction = Sanction(kinds=kinds, fine=Decimal(fine))
    assert rated(a_fact(FactKind.PENALTY_IMPOSED, sanction=sanction)).points == points


def test_a_hard_rule_makes_the_class_worse_than_the_points_would_and_says_so() -> None:
    confirmed = a_fact(FactKind.BREACH_CONFIRMED, day=TODAY - timedelta(days=900))
    rating = rated(confirmed)
    assert CARD.band_of(rating.points) is RiskClass.ORDINARY
    assert rating.risk_class is RiskClass.RAISED
    rule = rating.reasons[-1]
    assert (rule.criterion, rule.points) == ("rule_breach_confirmed", 0)
    assert rule.facts == (confirmed.fact_id,)


def test_a_hard_rule_never_makes_a_class_better() -> None:
    fails = [a_fact(FactKind.INSPECTION_FAILS, f"no {each}") for each in range(4)]
    assert rated(*fails, a_fact(FactKind.BREACH_CONFIRMED)).risk_class is RiskClass.HIGH


def test_a_breach_that_was_only_found_bars_nobody_and_costs_nothing() -> None:
    rating = rated(a_fact(FactKind.BREACH_FOUND, matter="m"))
    assert (rating.points, rating.bars) == (0, ())


def test_a_confirmed_breach_bars_with_ground_and_remedy_in_both_languages() -> None:
    confirmed = a_fact(FactKind.BREACH_CONFIRMED, matter="m", day=YESTERDAY)
    (bar,) = bars_of([confirmed, a_fact(FactKind.BREACH_FOUND, matter="m")], TODAY)
    assert (bar.fact, bar.since) == (confirmed.fact_id, YESTERDAY)
    assert "告知承诺" in bar.ground
    assert "国办发〔2020〕42号" in bar.ground
    assert "until credit is repaired" in bar.ground
    assert "信用修复管理办法" in bar.remedy
    assert "apply to the authority that confirmed it" in bar.remedy


def test_a_breach_cleared_after_it_was_confirmed_bars_no_more() -> None:
    confirmed = a_fact(FactKind.BREACH_CONFIRMED, "yes", matter="m", day=YESTERDAY)
    cleared = a_fact(FactKind.BREACH_CLEARED, "no", matter="m")
    assert bars_of([confirmed, cleared], YESTERDAY)
    assert bars_of([cleared, confirmed], TODAY) == ()


def test_a_breach_confirmed_after_it_was_cleared_bars_again() -> None:
    cleared = a_fact(FactKind.BREACH_CLEARED, "no", matter="m", day=YESTERDAY)
    confirmed = a_fact(FactKind.BREACH_CONFIRMED, "yes", matter="m")
    assert [bar.fact for bar in bars_of([confirmed, cleared], TODAY)] == [confirmed.fact_id]


def test_a_breach_confirmed_twice_is_one_breach_since_the_first_day() -> None:
    first = a_fact(FactKind.BREACH_CONFIRMED, "first", matter="m", day=YESTERDAY)
    second = a_fact(FactKind.BREACH_CONFIRMED, "second", matter="m")
    assert [bar.fact for bar in bars_of([second, first], TODAY)] == [first.fact_id]
    assert rated(first, second).points == rated(first).points
    repair = a_fact(FactKind.FACTS_REPAIRED, "repair", targets=[second.fact_id])
    assert bars_of([first, second, repair], TODAY) == ()


@pytest.mark.parametrize("kind", [FactKind.OBJECTION_UPHELD, FactKind.FACT_WITHDRAWN])
def test_a_confirmation_taken_back_leaves_no_other_that_only_said_it_again(kind: FactKind) -> None:
    first = a_fact(FactKind.BREACH_CONFIRMED, "step", matter="m", day=YESTERDAY)
    second = a_fact(FactKind.BREACH_CONFIRMED, "report", matter="m")
    ends = [
        a_fact(kind, "gone", matter="o", day=TOMORROW, targets=[target.fact_id])
        for target in (first, second)
    ]
    for gone in ends:
        assert bars_of([first, second, gone], YESTERDAY) == ()
        assert bars_of([first, second, gone], TOMORROW) == ()
    other = a_fact(FactKind.BREACH_CONFIRMED, "other", matter="m2")
    anew = a_fact(FactKind.BREACH_CONFIRMED, "anew", matter="m", day=TOMORROW + timedelta(days=1))
    left = bars_of([first, second, *ends[:1], other, anew], TOMORROW + timedelta(days=1))
    assert [bar.fact for bar in left] == [other.fact_id, anew.fact_id]


def test_a_clearing_of_one_breach_leaves_the_other() -> None:
    one = a_fact(FactKind.BREACH_CONFIRMED, "one", matter="m1")
    other = a_fact(FactKind.BREACH_CONFIRMED, "other", matter="m2")
    cleared = a_fact(FactKind.BREACH_CLEARED, "cleared", matter="m1", day=TOMORROW)
    assert [bar.fact for bar in bars_of([one, other, cleared], TOMORROW)] == [other.fact_id]


def test_a_repair_counts_from_its_own_day_on_and_no_earlier() -> None:
    confirmed = a_fact(FactKind.BREACH_CONFIRMED, day=YESTERDAY)
    repair = a_fact(FactKind.FACTS_REPAIRED, "repair", targets=[confirmed.fact_id])
    before, after = (rated(confirmed, repair, on=day) for day in (YESTERDAY, TODAY))
    assert (before.risk_class, after.risk_class) == (RiskClass.RAISED, RiskClass.ORDINARY)
    facts = [confirmed, repair]
    assert (len(bars_of(facts, YESTERDAY)), bars_of(facts, TODAY)) == (1, ())


def test_a_fact_of_tomorrow_is_known_but_does_not_count_today() -> None:
    rating = rated(a_fact(FactKind.INSPECTION_FAILS, day=TOMORROW))
    assert rating.points == 0


def test_a_rating_names_its_scorecard_day_and_party() -> None:
    rating = rated(a_fact(FactKind.LICENCE_GRANTED))
    assert (rating.scorecard, rating.as_of) == ("general-2026.1", TODAY)
    assert (rating.party, rating.party_name) == (PARTY, "灵山县示例餐饮有限公司")


def test_a_repair_of_a_fact_nobody_knows_changes_nothing() -> None:
    stray = a_fact(FactKind.FACTS_REPAIRED, targets=[stable_id("fact", "nobody's")])
    fails = a_fact(FactKind.INSPECTION_FAILS)
    assert rated(fails, stray).points == rated(fails).points

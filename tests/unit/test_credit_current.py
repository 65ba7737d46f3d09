"""The rating that is stored and told comes from facts, scorecards and days alone, byte by byte."""

import random
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.application.rate_parties import rate_parties
from credit.application.rerate_due import rerate_due
from credit.domain.course import class_turns, course_of
from credit.domain.current import current_rating, facts_seen
from credit.domain.facts import Fact, FactKind, in_order
from credit.domain.rating import rate
from credit.domain.spans import count_on, spans_of
from credit.domain.standing import standing
from linkage_contracts.codes import PartyKind, RiskClass
from linkage_contracts.ids import stable_id
from linkage_contracts.ratings import Rating
from linkage_contracts.topics import RATINGS
from tests.unit.credit_builders import (
    MEASURES,
    NOON,
    PARTY,
    TODAY,
    FactsInMemory,
    PublishedEvents,
    RatingsInMemory,
    a_fact,
    scorecard,
    scorecards,
)
from tests.unit.test_credit_rating import _facts

CARD, CARDS = scorecard(), scorecards()
unhurried = settings(deadline=None, max_examples=40)
some_days = st.dates(date(2022, 6, 1), date(2030, 1, 1))
FOOD: dict[str, Any] = {"items": ("000131902000",), "decision_id": "licence"}


def current(*facts: Fact, on: date = TODAY) -> Rating:
    return current_rating(PARTY, facts, MEASURES, on)


def day_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@unhurried
@given(facts=_facts(), on=some_days)
def test_spans_hold_the_facts_that_stand_on_each_day(facts: list[Fact], on: date) -> None:
    spans = spans_of(facts)
    near = {on, *(fact.occurred_on for fact in facts), *(span.end for span in spans if span.end)}
    for day in near:
        assert count_on(spans, day) == standing(facts, day), day


@unhurried
@given(facts=_facts(), on=some_days)
def test_a_course_says_of_every_day_what_a_rating_of_that_day_says(
    facts: list[Fact], on: date
) -> None:
    known = in_order(facts)
    course = course_of(spans_of(known), known, CARD)
    for day in (on, *(turn.on for turn in course)):
        rating = rate(PARTY, known, CARD, day)
        turns = [turn for turn in course if turn.on <= day]
        points, risk_class = (
            (turns[-1].points, turns[-1].risk_class) if turns else (0, CARD.band_of(0))
        )
        assert (points, risk_class) == (rating.points, rating.risk_class), day


@unhurried
@given(facts=_facts().filter(bool), on=some_days, later=st.integers(0, 400))
def test_between_two_turns_the_rating_is_the_same_bytes(
    facts: list[Fact], on: date, later: int
) -> None:
    rating, day = current(*facts, on=on), on + timedelta(days=later)
    asked = rate(PARTY, facts, CARD, on)
    assert (rating.points, rating.reasons) == (asked.points, asked.reasons)
    assert rating.bars == MEASURES.bars.among(standing(facts, on))
    if rating.next_change_on is None or day < rating.next_change_on:
        assert current(*facts, on=day).model_dump_json() == rating.model_dump_json()
    else:
        assert current(*facts, on=day).revision > rating.revision


@unhurried
@given(facts=_facts().filter(bool), more=_facts(), on=some_days)
def test_more_facts_never_lower_a_revision_and_the_same_revision_is_the_same_bytes(
    facts: list[Fact], more: list[Fact], on: date
) -> None:
    before = current(*facts, on=on)
    for fact in more:
        facts = [*facts, replace(fact, fact_id=stable_id("more", fact.fact_id))]
        after = current(*facts, on=on)
        assert after.revision >= before.revision
        if after.revision == before.revision:
            assert after.model_dump_json() == before.model_dump_json(), fact
        before = after


class Town:
    """A worker over stores in memory that reads facts in batches and sweeps every day."""

    def __init__(self) -> None:
        self.facts, self.ratings = FactsInMemory(), RatingsInMemory()
        self.publisher = PublishedEvents()

    async def rate(self, parties: Collection[str], at: datetime) -> object:
        return await rate_parties(
            parties,
            facts=self.facts,
            ratings=self.ratings,
            publisher=self.publisher,
            measures=MEASURES,
            at=at,
        )

    async def read(self, batch: Sequence[Fact], at: datetime) -> None:
        await self.facts.add(batch)
        await self.rate(sorted({fact.party for fact in batch}), at)

    async def sweep(self, at: datetime) -> None:
        await rerate_due(ratings=self.ratings, rate=self.rate, rank=MEASURES.rank, at=at)

    @property
    def last_told(self) -> dict[str, bytes]:
        """What compaction leaves of the topic, without when it was published."""
        told = self.publisher.on[RATINGS.name]
        return {
            event.data.party: event.model_copy(update={"recordedtime": NOON}).to_bytes()
            for event in told
        }


@unhurried
@given(facts=_facts().filter(bool), seed=st.integers())
async def test_whatever_the_batches_repeats_and_restarts_a_rebuild_comes_to_the_same_bytes(
    facts: list[Fact], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 -- repeatable, not secret
    life, rebuilt = Town(), Town()
    day, read = NOON - timedelta(days=40), 0
    while read < len(facts):
        batch = facts[read : read + chance.randint(1, 3)]
        repeats = chance.sample(facts[:read], min(read, chance.randint(0, 2)))
        await life.read([*repeats, *batch], day)
        # Or else it died before the acknowledgement, and reads the batch again.
        read += len(batch) * chance.choice((0, 1, 1))
        day = min(NOON, day + timedelta(days=chance.randint(0, 9)))
        if chance.random() < 1 / 2:
            await life.sweep(day)
    await life.sweep(NOON)
    await rebuilt.read(chance.sample(facts, len(facts)), NOON)
    assert rebuilt.ratings.stored == life.ratings.stored
    assert rebuilt.last_told == life.last_told


def test_the_class_before_is_that_of_the_days_before_whenever_it_became_known() -> None:
    licence = a_fact(FactKind.LICENCE_GRANTED, day=day_ago(100))
    penalty = a_fact(FactKind.LISTED, "penalty", day=day_ago(10))
    rating = current(penalty, licence)
    assert (rating.previous_class, rating.risk_class) == (RiskClass.ORDINARY, RiskClass.HIGH)
    assert rating.class_since == rating.as_of == day_ago(10)


def test_a_class_that_was_never_another_has_none_before() -> None:
    rating = current(a_fact(FactKind.LICENCE_GRANTED, day=day_ago(100)))
    assert (rating.previous_class, rating.class_since, rating.as_of) == (None, None, day_ago(100))


def test_every_change_of_class_is_told_in_order() -> None:
    breach = a_fact(FactKind.BREACH_CONFIRMED, day=day_ago(30))
    repair = a_fact(FactKind.FACTS_REPAIRED, day=day_ago(10), targets=[breach.fact_id])
    known = in_order([repair, breach])
    turns = class_turns(course_of(spans_of(known), known, CARD), CARD)
    assert [(turn.on, turn.previous_class, turn.risk_class) for turn in turns] == [
        (day_ago(30), RiskClass.ORDINARY, RiskClass.RAISED),
        (day_ago(10), RiskClass.RAISED, RiskClass.ORDINARY),
    ]


def test_one_more_licence_that_no_scorecard_looks_at_is_no_other_rating() -> None:
    one = a_fact(FactKind.LICENCE_GRANTED, "one", day=day_ago(5))
    two = a_fact(FactKind.LICENCE_GRANTED, "two", day=day_ago(3))
    fails = a_fact(FactKind.INSPECTION_FAILS)
    assert current(one, two) == current(one)
    assert current(one, two, fails) == current(one, fails)
    assert facts_seen(current(one, fails)) == facts_seen(current(one)) + 1


@pytest.mark.parametrize(
    "change", [{"party_name": "新名称"}, {"party_kind": PartyKind.INDIVIDUAL_BUSINESS}]
)
def test_another_name_or_kind_of_the_party_is_told(change: dict[str, Any]) -> None:
    one = a_fact(FactKind.LICENCE_GRANTED, "one", day=day_ago(5), party_kind=PartyKind.LEGAL_PERSON)
    two = replace(a_fact(FactKind.LICENCE_GRANTED, "two", day=day_ago(3)), **change)
    assert current(one, two).revision > current(one).revision


def test_a_licence_that_is_earlier_than_all_else_is_told() -> None:
    one = a_fact(FactKind.LICENCE_GRANTED, "one", day=day_ago(3))
    two = a_fact(FactKind.LICENCE_GRANTED, "two", day=day_ago(5))
    assert current(one, two).revision > current(one).revision


def test_a_party_is_rated_in_every_domain_that_it_is_licensed_in() -> None:
    licence = a_fact(FactKind.LICENCE_GRANTED, day=day_ago(400), **FOOD)
    fails = a_fact(FactKind.INSPECTION_FAILS, day=day_ago(20), decision_id="licence")
    other = a_fact(FactKind.INSPECTION_FAILS, "other", day=day_ago(10), decision_id="another")
    (food,) = current(licence, fails, other).domains
    asked = rate(PARTY, [licence, fails, other], CARDS.published["food"], TODAY)
    assert (food.domain, food.scorecard, food.points) == ("food", "food-2026.1", asked.points)
    assert [reason.facts for reason in food.reasons] == [(fails.fact_id,)]
    assert food.items == ("000131901000", "000131902000")
    assert current(fails, other).domains == ()


def test_a_domain_tells_its_own_change_of_class() -> None:
    licence = a_fact(FactKind.LICENCE_GRANTED, day=day_ago(400), **FOOD)
    fails = [
        a_fact(FactKind.INSPECTION_FAILS, str(day), day=day_ago(day), decision_id="licence")
        for day in (20, 30)
    ]
    rating = current(licence, *fails)
    (food,) = rating.domains
    assert (rating.risk_class, food.risk_class) == (RiskClass.ORDINARY, RiskClass.RAISED)
    assert (food.previous_class, food.class_since) == (RiskClass.ORDINARY, day_ago(20))
    assert rating.class_since is None

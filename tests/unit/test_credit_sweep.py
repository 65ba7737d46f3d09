"""What the sweep finds: ratings that turn by themselves, and those by older scorecards."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from credit.application.rate_parties import rate_parties
from credit.application.rerate_due import AT_ONCE, MOST_BATCHES, rerate_due
from credit.domain.facts import Fact, FactKind
from credit.domain.scorecard import Scorecard
from credit.ports import Revision
from linkage_contracts.ratings import Rating
from linkage_contracts.topics import RATINGS
from tests.unit.credit_builders import (
    NOON,
    PARTY,
    TODAY,
    FactsInMemory,
    PublishedEvents,
    RatingsInMemory,
    a_fact,
    measures,
    scorecard,
    scorecards,
)

FAILS = a_fact(FactKind.INSPECTION_FAILS)
GENERAL = scorecard()
FOOD = scorecards().published["food"]
NEXT = GENERAL.model_copy(update={"version": "general-2026.2"})


class Office:
    """Stores in memory, and a day that passes."""

    def __init__(self, *facts: Fact, cards: Collection[Scorecard] = (GENERAL,)) -> None:
        self.facts, self.ratings = FactsInMemory(*facts), RatingsInMemory()
        self.publisher, self.rated = PublishedEvents(), 0
        self.measures = measures(*cards)
        self.changed: list[Rating] = []

    def publish(self, *cards: Scorecard) -> None:
        """Let other scorecards be in force."""
        self.measures = measures(*cards)

    async def rate(self, parties: Collection[str], at: datetime) -> tuple[Revision, ...]:
        self.rated += 1
        changed = await rate_parties(
            parties,
            facts=self.facts,
            ratings=self.ratings,
            publisher=self.publisher,
            measures=self.measures,
            at=at,
        )
        self.changed += [revision.after for revision in changed]
        return changed

    async def sweep(self, day: int) -> list[Rating]:
        self.changed = []
        at = NOON + timedelta(days=day)
        await rerate_due(ratings=self.ratings, rate=self.rate, rank=self.measures.rank, at=at)
        return self.changed


def days_on(number: int) -> date:
    return TODAY + timedelta(days=number)


async def test_a_rating_fades_without_a_new_event_and_is_told_once() -> None:
    office = Office(FAILS)
    (first,) = await office.rate([PARTY], NOON)
    assert await office.sweep(0) == await office.sweep(45) == []
    (faded,) = await office.sweep(46)
    assert faded.revision > first.after.revision, "readers keep the higher"
    assert (faded.points, faded.as_of) == (7, days_on(46))
    assert await office.sweep(46) == []
    assert [event.data.points for event in office.publisher.on[RATINGS.name]] == [8, 7]


async def test_a_sweep_that_comes_days_late_says_since_when_it_is_so() -> None:
    office, late = Office(FAILS), Office(FAILS)
    for one, day in ((office, 46), (late, 60)):
        await one.rate([PARTY], NOON)
        await one.sweep(day)
    assert office.ratings.stored == late.ratings.stored


async def test_two_that_sweep_at_once_tell_the_same_event() -> None:
    office = Office(FAILS)
    await office.rate([PARTY], NOON)
    stored = dict(office.ratings.stored)
    await office.sweep(46)
    office.ratings.stored = stored
    await office.sweep(46)
    _, one, other = office.publisher.on[RATINGS.name]
    assert one.id == other.id


async def test_a_new_version_rates_everybody_again_on_the_same_day_and_says_which() -> None:
    parties = [f"party {number}" for number in range(2 * AT_ONCE + 1)]
    office = Office(*(a_fact(FactKind.INSPECTION_FAILS, party, of=party) for party in parties))
    await office.rate(parties, NOON)
    office.publish(NEXT)
    assert {rating.party for rating in await office.sweep(0)} == set(parties)
    assert {rating.scorecard for rating in office.ratings.stored.values()} == {NEXT.version}
    assert {rating.as_of for rating in office.ratings.stored.values()} == {TODAY}
    assert await office.sweep(0) == []
    assert office.rated == 1 + 3, "in bulk"


async def test_what_a_new_version_says_has_the_higher_revision_on_the_same_day() -> None:
    office = Office(FAILS)
    (first,) = await office.rate([PARTY], NOON)
    office.publish(NEXT)
    (second,) = await office.sweep(0)
    assert second.revision > first.after.revision


async def test_a_worker_with_old_scorecards_does_not_take_a_rating_back() -> None:
    office = Office(FAILS)
    await office.rate([PARTY], NOON)
    office.publish(NEXT)
    await office.sweep(0)
    office.publish(GENERAL)
    assert await office.rate([PARTY], NOON) == ()
    assert await office.sweep(0) == []
    assert office.ratings.stored[PARTY].scorecard == NEXT.version


async def test_what_a_worker_with_old_scorecards_rated_by_more_facts_is_rated_anew() -> None:
    office = Office(FAILS)
    office.publish(NEXT)
    await office.rate([PARTY], NOON)
    office.publish(GENERAL)
    await office.facts.add([a_fact(FactKind.INSPECTION_FAILS, "another")])
    await office.rate([PARTY], NOON)
    assert office.ratings.stored[PARTY].scorecard == GENERAL.version
    office.publish(NEXT)
    (rating,) = await office.sweep(0)
    assert (rating.scorecard, rating.points) == (NEXT.version, 16)


async def test_a_domain_that_is_published_reaches_its_parties_and_tells_others_nothing() -> None:
    licence: dict[str, Any] = {"items": ("000131902000",), "decision_id": "licence"}
    baker = a_fact(FactKind.LICENCE_GRANTED, "baker", of="baker", **licence)
    office = Office(baker, a_fact(FactKind.LICENCE_GRANTED, "smith", of="smith"))
    await office.rate(["baker", "smith"], NOON)
    office.publish(GENERAL, FOOD)
    (rating,) = await office.sweep(0)
    assert (rating.party, [own.domain for own in rating.domains]) == ("baker", ["food"])
    assert await office.sweep(0) == []
    assert office.rated == 1 + 1, "who is not concerned is looked at once as well"


class EndlesslyDue(RatingsInMemory):
    async def due(self, on: date, limit: int) -> tuple[str, ...]:
        assert (on, limit) == (TODAY, AT_ONCE)
        return (PARTY,)


async def test_a_sweep_ends_though_everybody_stays_due() -> None:
    office = Office(FAILS)
    office.ratings = EndlesslyDue()
    await office.sweep(0)
    assert office.rated == MOST_BATCHES

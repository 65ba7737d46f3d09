"""The worker's two steps: facts once each, ratings published when their content changed."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from credit.application.gather_facts import gather_facts
from credit.application.rate_parties import MOST_ROUNDS, rate_parties
from credit.domain.current import current_rating, facts_seen
from credit.domain.facts import FactKind
from credit.ports import Revision
from linkage_contracts.codes import InspectionOutcome, PenaltyKind, RiskClass
from linkage_contracts.envelope import Event
from linkage_contracts.ids import stable_id
from linkage_contracts.ratings import PartyRated, Rating
from linkage_contracts.topics import RATINGS
from linkage_runtime.errors import OutcomeUnknownError, TransientError
from tests.unit.credit_builders import (
    MEASURES,
    NOON,
    PARTY,
    TODAY,
    ActsInMemory,
    CasesInMemory,
    FactsInMemory,
    PublishedEvents,
    RatingsInMemory,
    a_fact,
    broken,
    company,
    decided,
    inspected,
    penalised,
    ruled,
)

OTHER = "91450722MA5QJYJC59"


class Worker:
    """The worker over stores in memory."""

    def __init__(self, *failures: Exception) -> None:
        self.facts = FactsInMemory()
        self.ratings = RatingsInMemory()
        self.publisher = PublishedEvents(*failures)

    async def handle(self, *events: Event, at: datetime = NOON) -> tuple[Rating, ...]:
        gathered = await gather_facts(
            events, facts=self.facts, acts=ActsInMemory(), cases=CasesInMemory()
        )
        return await self.rate(gathered.parties, at)

    async def rate(self, parties: frozenset[str], at: datetime = NOON) -> tuple[Rating, ...]:
        changed = await rate_parties(
            parties,
            facts=self.facts,
            ratings=self.ratings,
            publisher=self.publisher,
            measures=MEASURES,
            at=at,
        )
        return tuple(revision.after for revision in changed)

    @property
    def published(self) -> Sequence[PartyRated]:
        return self.publisher.on[RATINGS.name]


def story() -> list[Event]:
    breach = broken("breach")
    return [
        decided("licence", promise="经营场所符合要求"),
        inspected("inspection", InspectionOutcome.FAILS),
        penalised("penalty", PenaltyKind.FINE, fine=20_000),
        breach,
        ruled(breach),
    ]


async def test_a_party_is_rated_and_published_once_for_a_batch() -> None:
    worker = Worker()
    await worker.handle(*story())
    (event,) = worker.published
    assert event.data == worker.ratings.stored[PARTY]
    assert (event.data.risk_class, event.data.class_since) == (RiskClass.HIGH, TODAY)
    assert event.partitionkey == PARTY
    assert event.id == stable_id("rating", PARTY, str(event.data.revision))


async def test_a_change_of_class_tells_from_what_it_changed() -> None:
    worker = Worker()
    await worker.handle(decided("licence"))
    (changed,) = await worker.handle(penalised("penalty", PenaltyKind.LICENCE_REVOKED))
    assert (changed.previous_class, changed.risk_class) == (RiskClass.ORDINARY, RiskClass.RAISED)
    assert await worker.ratings.newest_changes(9) == (changed,)


async def test_a_fact_that_could_move_nothing_costs_no_rating() -> None:
    worker = Worker()
    await worker.handle(decided("one"))
    assert await worker.handle(decided("two")) == ()
    assert (len(worker.published), worker.ratings.saves) == (1, 1)


async def test_points_that_change_within_a_class_are_published() -> None:
    worker = Worker()
    await worker.handle(decided("one"))
    (changed,) = await worker.handle(inspected("two", InspectionOutcome.FAILS))
    assert (changed.risk_class, changed.points) == (RiskClass.ORDINARY, 8)


async def test_the_same_batch_again_changes_nothing() -> None:
    worker = Worker()
    await worker.handle(*story())
    saves = worker.ratings.saves
    assert await worker.handle(*story()) == ()
    assert (len(worker.published), worker.ratings.saves) == (1, saves)


@pytest.mark.parametrize("seed", range(5))
async def test_in_whatever_order_events_come_the_rating_is_the_same(seed: int) -> None:
    events = story()
    expected = Worker()
    await expected.handle(*events)
    random.Random(seed).shuffle(events)  # noqa: S311 -- repeatable, not secret
    worker = Worker()
    for event in events:
        await worker.handle(event)
    assert worker.ratings.stored == expected.ratings.stored
    assert worker.published[-1] == expected.published[-1]


async def test_a_death_between_facts_and_publication_is_mended_by_the_repeat() -> None:
    worker = Worker(OutcomeUnknownError("Kafka did not answer"))
    with pytest.raises(OutcomeUnknownError):
        await worker.handle(*story())
    assert worker.facts.stored
    assert not worker.ratings.stored
    await worker.handle(*story())
    assert [event.data for event in worker.published] == [worker.ratings.stored[PARTY]]


async def test_a_death_between_publication_and_storing_publishes_the_same_event_again() -> None:
    worker = Worker()
    await worker.handle(*story())
    worker.ratings.stored.clear()
    await worker.handle(*story())
    first, second = worker.published
    assert first.id == second.id
    assert first.data == second.data


async def test_who_was_overtaken_looks_again_and_says_the_newer_rating_last() -> None:
    worker = Worker()
    await worker.handle(decided("one"))
    fails = a_fact(FactKind.INSPECTION_FAILS, "seen by another worker")
    passed = a_fact(FactKind.INSPECTION_CONFORMS, "not seen by that one")
    worker.facts.stored |= {fact.fact_id: fact for fact in (fails, passed)}
    others = current_rating(PARTY, [*worker.facts.stored.values()][:2], MEASURES, TODAY)
    worker.ratings.before_saving.append(others)
    await worker.rate(frozenset({PARTY}))
    assert worker.ratings.stored[PARTY] == worker.published[-1].data
    assert facts_seen(worker.published[-1].data) == facts_seen(others) + 1


class QuickerOther(RatingsInMemory):
    """Just before our save, another worker reads one more fact, publishes and stores."""

    def __init__(self, facts: FactsInMemory) -> None:
        super().__init__()
        self.facts = facts
        self.told: list[Rating] = []

    async def save(self, revisions: Sequence[Revision], rank: int) -> frozenset[str]:
        if not self.told:
            await self.facts.add([a_fact(FactKind.INSPECTION_FAILS, "the other's")])
            self.told = [current_rating(PARTY, self.facts.stored.values(), MEASURES, TODAY)]
            self.stored[PARTY] = self.told[0]
        return await super().save(revisions, rank)


async def test_who_was_overtaken_by_one_who_saw_more_says_again_what_that_one_said() -> None:
    worker = Worker()
    worker.ratings = others = QuickerOther(worker.facts)
    await worker.handle(decided("one"))
    first, second = worker.published
    assert facts_seen(second.data) == facts_seen(first.data) + 1
    assert [worker.published[-1].data] == others.told == [worker.ratings.stored[PARTY]]


async def test_a_bar_alone_is_news_though_class_and_points_stay() -> None:
    worker = Worker()
    await worker.handle(decided("one"))
    long_ago = TODAY - timedelta(days=2_000)
    (barred,) = await worker.handle(ruled(broken("old", day=long_ago), day=long_ago))
    assert (barred.risk_class, barred.points) == (RiskClass.ORDINARY, 0)
    assert len(barred.bars) == 1


async def test_an_older_view_never_replaces_a_newer_rating() -> None:
    worker = Worker()
    await worker.handle(decided("one"))
    newer = worker.ratings.stored[PARTY].model_copy(update={"revision": 9 * 10**12, "points": 99})
    worker.ratings.stored[PARTY] = newer
    assert await worker.handle(decided("two")) == ()
    assert worker.ratings.stored[PARTY] == newer


async def test_a_clock_that_lags_does_not_replace_the_rating_of_a_later_day() -> None:
    worker = Worker()
    await worker.handle(inspected("one", InspectionOutcome.FAILS), at=NOON + timedelta(days=300))
    later = worker.ratings.stored[PARTY]
    assert await worker.handle(inspected("one", InspectionOutcome.FAILS)) == ()
    assert worker.ratings.stored[PARTY] == later


async def test_a_later_day_that_changed_the_points_is_published_on_the_next_touch() -> None:
    worker = Worker()
    await worker.handle(inspected("one", InspectionOutcome.FAILS))
    (faded,) = await worker.handle(
        inspected("one", InspectionOutcome.FAILS), at=NOON + timedelta(days=365)
    )
    assert faded.points == 4
    assert len({event.id for event in worker.published}) == 2


class AlwaysOvertaken(RatingsInMemory):
    """Others are always quicker."""

    async def save(self, revisions: Sequence[Revision], _: int) -> frozenset[str]:
        return frozenset(revision.after.party for revision in revisions)


async def test_a_party_that_others_rate_all_the_time_is_tried_again_later() -> None:
    worker = Worker()
    worker.ratings = AlwaysOvertaken()
    with pytest.raises(TransientError, match="1 parties"):
        await worker.handle(decided("one"))
    assert len(worker.published) == MOST_ROUNDS


async def test_parties_of_one_batch_are_rated_each_by_its_own_facts() -> None:
    worker = Worker()
    other = company(OTHER, "另一家")
    await worker.handle(decided("one"), penalised("two", PenaltyKind.LICENCE_REVOKED, party=other))
    classes = {event.data.party: event.data.risk_class for event in worker.published}
    assert classes == {PARTY: RiskClass.ORDINARY, OTHER: RiskClass.RAISED}


async def test_a_batch_that_tells_no_facts_publishes_nothing() -> None:
    worker = Worker()
    assert await worker.handle() == ()
    assert not worker.published

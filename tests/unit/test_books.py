"""Keeping the books over fakes: what a run costs, and what it does when it is disturbed."""

import tracemalloc
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from approval_events.domain.breach_readings import changed_breaches
from approval_events.domain.facts import FactKind as LedgerFact
from approval_events.domain.readings import facts_of as ledger_facts_of
from credit.domain.derivation import facts_of as credit_facts_of
from linkage_contracts.generate import ROOT
from linkage_contracts.topics import ACTIONS, CREDIT_ACTS, DECISIONS, PROGRESS, RESULTS, TOPICS
from linkage_runtime.books.claims import Place, claims_of
from linkage_runtime.books.credit_facts import facts_of
from linkage_runtime.books.keep_books import Keeper
from linkage_runtime.books.ledger_facts import BESIDE, LEDGER_FACTS
from linkage_runtime.books.line import line_of
from linkage_runtime.books.ports import OtherKeeperError
from linkage_runtime.books.recent import KEPT, Recent, packed
from tests.unit.books_fakes import FakeBook, FakeShelves, FakeSource, decided, opened

AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
EXAMPLES = sorted((ROOT / "examples").glob("*.json"))


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


@pytest.fixture
def shelves() -> FakeShelves:
    return FakeShelves()


@pytest.fixture
def book() -> FakeBook:
    return FakeBook()


@pytest.fixture
def keeper(source: FakeSource, shelves: FakeShelves, book: FakeBook) -> Keeper:
    return Keeper(source=source, shelves=shelves, book=book)


async def test_what_is_not_there_yet_is_owed_until_it_is(
    keeper: Keeper, source: FakeSource, shelves: FakeShelves, book: FakeBook
) -> None:
    source.write(decided(1), at=AT)
    await keeper.keep(AT)
    assert {one.claim.stage for one in book.owed.values()} == {
        *("decision", "routing", "ledger fact", "credit fact")
    }
    shelves.store(decided(1))
    source.write(opened(1), at=AT)
    shelves.store(opened(1))
    await keeper.keep(AT)
    # Nobody has told the regulator yet.
    assert [(one.claim.stage, one.claim.place) for one in book.owed.values()] == [
        ("push", Place.ON_FEEDS)
    ]


async def test_a_dead_letter_excuses_the_reader_that_buried_it_and_no_other(
    keeper: Keeper, source: FakeSource, book: FakeBook
) -> None:
    source.write(decided(1), at=AT)
    source.bury(DECISIONS, decided(1), reader="credit", at=AT)
    await keeper.keep(AT)
    dead = {one.claim.place for one in book.owed.values() if one.dead}
    assert dead == {Place.FACTS}
    assert Place.DECISIONS in {one.claim.place for one in book.owed.values() if not one.dead}
    book.replayed = True
    await keeper.keep(AT)
    assert not [one for one in book.owed.values() if one.dead]


async def test_an_event_that_is_told_twice_counts_once(
    keeper: Keeper, source: FakeSource, book: FakeBook
) -> None:
    for _ in range(2):
        source.write(decided(1), at=AT)
        source.write(opened(1), at=AT)
        await keeper.keep(AT)
    assert book.sums == Counter({"read": 1, "routed": 1, "pushed": 1})


async def test_a_keeper_that_dies_before_its_page_is_turned_counts_nothing_twice(
    source: FakeSource, shelves: FakeShelves, book: FakeBook
) -> None:
    source.write(decided(1), at=AT)
    book.dies = True
    with pytest.raises(KeyboardInterrupt):
        await Keeper(source=source, shelves=shelves, book=book).keep(AT)
    book.dies = False
    await Keeper(source=source, shelves=shelves, book=book).keep(AT)
    assert book.sums == Counter({"read": 1})


async def test_of_two_keepers_one_is_told_and_takes_the_books_up_again(
    source: FakeSource, shelves: FakeShelves, book: FakeBook
) -> None:
    first, second = (Keeper(source=source, shelves=shelves, book=book) for _ in range(2))
    await first.keep(AT)
    await second.keep(AT)
    source.write(decided(1), at=AT)
    await first.keep(AT)
    with pytest.raises(OtherKeeperError):
        await second.keep(AT)
    await second.keep(AT)
    assert book.sums == Counter({"read": 1})


async def _cost(settled: int) -> tuple[int, int, int]:
    """Look-ups, and bytes at most, of a run over ten new decisions when so many are settled."""
    source, shelves, book = FakeSource(), FakeShelves(), FakeBook()
    keeper = Keeper(source=source, shelves=shelves, book=book)
    # A day has passed between any two thousand: what was counted then is remembered no more.
    for first in range(0, settled, 1_000):
        at = AT + timedelta(days=first // 1_000)
        for number in range(first, first + 1_000):
            source.write(decided(number), at=at)
            shelves.store(decided(number))
            source.write(opened(number), at=at)
            shelves.store(opened(number), told=True)
        await keeper.keep(at)
        source.forget()
    assert not book.owed
    assert book.sums["read"] == settled
    for number in range(settled, settled + 10):
        source.write(decided(number), at=AT)
    shelves.asked = 0
    tracemalloc.start()
    await keeper.keep(AT + timedelta(days=settled // 1_000 + 1))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return shelves.asked, peak, len(book.pages)


async def test_a_run_costs_the_same_whatever_is_settled() -> None:
    few, many = await _cost(1_000), await _cost(10_000)
    assert few[0] == many[0]
    assert many[1] < 1.5 * few[1]
    assert few[2] == many[2]


def test_what_was_counted_is_forgotten_after_a_day() -> None:
    recent = Recent()
    recent.add(AT, packed(["a", "b"]))
    recent.add(AT + timedelta(minutes=10), packed(["c"]))
    assert all(token in recent for token in "abc")
    assert "d" not in recent
    recent.add(AT + KEPT + timedelta(hours=1), packed(["d"]))
    assert "a" not in recent
    assert len(recent) == 1


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_books_recount_what_ledger_and_credit_derive(path: Any) -> None:
    body = path.read_bytes()
    line = line_of(body)
    assert line
    for topic in (DECISIONS, PROGRESS, RESULTS, ACTIONS, CREDIT_ACTS):
        if any(line.type == one.model_fields["type"].default for one in topic.event_types):
            event = topic.read(body)
            told = changed_breaches(event) if topic is CREDIT_ACTS else ledger_facts_of([event])
            ledger = {f"{f.linkage}/{f.kind}/{f.key}" for f in told}
            claimed = {one.id for one in claims_of(line) if one.place is Place.LEDGER}
            assert claimed == ledger
            assert set(facts_of(line)) == {fact.fact_id for fact in credit_facts_of(event)}


def test_every_kind_of_fact_in_the_ledger_is_in_the_books() -> None:
    assert {kind for kind, _ in LEDGER_FACTS.values()} | BESIDE == {str(k) for k in LedgerFact}


def test_every_event_that_is_stored_is_claimed() -> None:
    unclaimed = {
        line.what
        for path in EXAMPLES
        if (line := line_of(path.read_bytes())) and not list(claims_of(line))
    }
    assert unclaimed == set(), TOPICS

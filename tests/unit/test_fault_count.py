"""The count of the fault harness: each kind of wrong is named, and the right is not."""

from collections.abc import Iterable, Sequence
from typing import Any

from tests.fault.book import Accepted, Book, Poison
from tests.fault.count import count
from tests.fault.fates import party_of
from tests.fault.stores import Stores
from tests.fault.verdict import Evidence, Verdict
from tests.log import Letter, Log, Seen
from tests.story.organisations import REGULATOR

DECISIONS, FEEDS = "approval.decisions.v1", "linkage.feeds.v1"
RECEIVED, UNROUTED = 0, 8
"""Numbers whose fates are these."""


def seen(topic: str, type_: str, offset: int, id_: str, key: str = "", **data: Any) -> Seen:
    return Seen(topic, 0, offset, id_, type_, key, data, "2026-11-23T04:00:00Z")


def log_of(events: Iterable[Seen], letters: Iterable[Letter] = ()) -> Log:
    log = Log(letters=set(letters))
    for event in events:
        log.take(event)
    return log


def issued(*ids: str) -> list[Seen]:
    return [
        seen(DECISIONS, "decision.issued", at, id_, decision_id=f"decision {id_}")
        for at, id_ in enumerate(ids)
    ]


def opened(*decisions: str) -> list[Seen]:
    """Entries on the regulator's feed, in this order."""
    return [
        seen(FEEDS, "feed.push-opened", at, f"entry {id_}", REGULATOR, decision_event_id=id_)
        for at, id_ in enumerate(decisions)
    ]


def book_of(*ids: str, number: int = UNROUTED) -> Book:
    book = Book()
    for id_ in ids:
        book.accept(Accepted(id_, f"decision {id_}", number))
    return book


def stores_of(**more: Any) -> Stores:
    nothing: dict[str, Any] = {
        "decisions": frozenset(),
        "linkages": {},
        "incoming": [],
        "pushes": [],
        "pool": [],
        "results": frozenset(),
        "entries": [],
        "deliveries": [],
        "facts": [],
        "unpublished": 0,
        "due": 0,
    }
    return Stores(**(nothing | more))


def verdict_on(
    book: Book, log: Log, arrived: Sequence[str] = (), stores: Stores | None = None
) -> Verdict:
    return count(Evidence(book, log, stores or stores_of(), arrived))


def test_nothing_sent_and_nothing_there_is_right() -> None:
    assert verdict_on(Book(), log_of([])).wrong == []


def test_what_was_accepted_and_is_not_on_the_log_is_lost() -> None:
    lost = verdict_on(book_of("a", "b"), log_of(issued("a"))).lost
    assert "decisions on the log b" in lost
    assert "decisions on the log a" not in lost


def test_two_events_of_one_push_are_doubled() -> None:
    about = {
        "decision_event_id": "a",
        "decision_id": "decision a",
        "push_id": "push",
        "recipient": REGULATOR,
    }
    twice = [seen("supervision.progress.v1", "push.opened", at, f"e{at}", **about) for at in (1, 2)]
    verdict = verdict_on(book_of("a", number=RECEIVED), log_of([*issued("a"), *twice]))
    assert verdict.doubled == [f"pushes opened a/{REGULATOR} ×2"]


def test_the_same_event_sent_twice_is_one() -> None:
    log = log_of([*issued("a"), *issued("a")])
    assert verdict_on(book_of("a"), log).doubled == []


def test_what_nobody_sent_is_unexpected() -> None:
    assert "decisions on the log x" in verdict_on(Book(), log_of(issued("x"))).unexpected


def test_a_party_s_decisions_out_of_their_order_are_named() -> None:
    (told,) = verdict_on(book_of("a", "b"), log_of(issued("b", "a"))).disordered
    assert told == f"decisions of a party: a of {party_of(UNROUTED)}"
    assert verdict_on(book_of("a", "b"), log_of(issued("a", "b"))).disordered == []


def test_a_feed_out_of_a_party_s_order_is_named() -> None:
    book = book_of("a", "b")
    (told,) = verdict_on(book, log_of([*issued("a", "b"), *opened("b", "a")])).disordered
    assert told.startswith("a party on a feed: a")


def test_a_webhook_that_was_called_out_of_order_is_named() -> None:
    log = log_of(opened("a", "b"))
    assert verdict_on(Book(), log, ["entry a", "entry b"]).disordered == []
    (told,) = verdict_on(Book(), log, ["entry b", "entry a"]).disordered
    assert told == "at the webhook: offset 0 came after 1"


def test_an_entry_that_moved_from_its_first_place_is_named() -> None:
    stored = [{"_id": "entry a", "recipient": REGULATOR, "partition": 0, "offset": 5}]
    verdict = verdict_on(Book(), log_of(opened("a")), stores=stores_of(entries=stored))
    stage = "feed entries, each at its first place"
    assert f"{stage} entry a/0/0" in verdict.lost
    assert f"{stage} entry a/0/5" in verdict.unexpected


def test_dead_letters_are_exactly_the_poison_once_for_each_reader() -> None:
    book = Book(poison={Poison("supervision.progress.v1", 0, 3)})
    letter = Letter("supervision.progress.v1", "approval-events", "0/3")
    assert verdict_on(book, log_of([], [letter])).wrong == []
    assert len(verdict_on(book, log_of([])).lost) == 1
    stray = Letter(DECISIONS, "credit", "0/9")
    (told,) = verdict_on(book, log_of([], [letter, stray])).unexpected
    assert told == f"dead letters {DECISIONS}/credit/0/9"


def test_acts_that_were_never_published_and_deadlines_never_told_are_lost() -> None:
    lost = verdict_on(Book(), log_of([]), stores=stores_of(unpublished=2, due=3)).lost
    assert lost == ["3 deadlines are over and not told", "2 acts are held and not published"]

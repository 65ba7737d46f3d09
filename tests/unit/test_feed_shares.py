"""Deliverers that share the work: each share held once, taken over from the dead, let go of."""

import asyncio
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from linkage_contracts.ids import stable_id
from linkage_runtime.errors import TransientError
from supervision_push.application.hold_shares import DEAD_AFTER_SECONDS, ShareHolder
from supervision_push.domain.shares import ALL_SHARES, SHARES, Shares, share_of
from supervision_push.domain.subscription import Subscription
from tests.unit.feed_fakes import a_subscription
from tests.unit.test_feed_run import Floor


@dataclass
class Book:
    """The one document, in memory."""

    shares: Shares = field(default_factory=lambda: Shares(beats={}))
    away: bool = False

    async def read(self) -> Shares:
        if self.away:
            raise TransientError("MongoDB is away")
        await asyncio.sleep(0)
        return self.shares

    async def write(self, before: Shares, after: Shares) -> bool:
        if self.shares.revision != before.revision:
            return False
        self.shares = after
        return True


@dataclass
class Crew:
    """Several deliverers over one book; time passes when it is told to."""

    book: Book = field(default_factory=Book)
    now: float = 0.0

    def member(self, name: str, floor: Floor | None = None) -> ShareHolder:
        deliveries = (floor or Floor()).deliveries
        deliveries.shares = frozenset()
        return ShareHolder(
            deliverer=name, book=self.book, deliveries=deliveries, clock=lambda: self.now
        )


def in_share(number: int) -> Subscription:
    ids = (stable_id("test", str(n)) for n in range(100_000))
    return a_subscription(id=next(id_ for id_ in ids if share_of(id_) == number))


async def test_one_deliverer_alone_holds_everything() -> None:
    alone = Crew().member("a")
    await alone.beat()
    assert alone.deliveries.shares == ALL_SHARES


async def test_a_newcomer_gets_its_fair_share_and_nothing_is_held_twice() -> None:
    crew = Crew()
    members = [crew.member(name) for name in "abc"]
    for _ in range(4):
        for member in members:
            await member.beat()
            held = [share for one in members for share in one.deliveries.shares]
            assert len(held) == len(set(held))
    assert sorted(len(one.deliveries.shares) for one in members) == [21, 21, 22]


async def test_the_dead_are_known_by_their_silence_and_their_shares_are_taken_over() -> None:
    crew = Crew()
    dies, lives = crew.member("a"), crew.member("b")
    for _ in range(3):
        await dies.beat()
        await lives.beat()
    assert len(lives.deliveries.shares) == SHARES / 2
    crew.now += DEAD_AFTER_SECONDS - 1
    await lives.beat()
    assert len(lives.deliveries.shares) == SHARES / 2
    crew.now += 1
    await lives.beat()
    assert lives.deliveries.shares == ALL_SHARES


async def test_who_was_thought_dead_stops_before_it_takes_part_again() -> None:
    crew = Crew()
    froze, other = crew.member("a"), crew.member("b")
    for _ in range(3):
        await froze.beat()
        await other.beat()
    crew.now += DEAD_AFTER_SECONDS
    await other.beat()
    before = froze.deliveries.shares
    await froze.beat()
    assert froze.deliveries.shares.isdisjoint(other.deliveries.shares)
    assert before & other.deliveries.shares


async def test_who_froze_after_its_first_beat_takes_part_again() -> None:
    crew = Crew()
    lives, froze = crew.member("b"), crew.member("a")
    await lives.beat()
    await froze.beat()
    await lives.beat()
    crew.now += DEAD_AFTER_SECONDS
    await lives.beat()
    for _ in range(3):
        await froze.beat()
        await lives.beat()
    assert len(froze.deliveries.shares) == SHARES / 2


async def test_who_stops_in_good_order_leaves_its_shares_at_once() -> None:
    crew = Crew()
    stops, stays = crew.member("a"), crew.member("b")
    for _ in range(3):
        await stops.beat()
        await stays.beat()
    await stops.leave()
    await stays.beat()
    assert stays.deliveries.shares == ALL_SHARES


async def test_a_share_with_a_request_in_flight_is_not_let_go_of() -> None:
    crew, floor = Crew(), Floor()
    one = in_share(0)
    await floor.subscriptions.add(one)
    old, new = crew.member("a", floor), crew.member("b")
    await old.beat()
    await old.deliveries.keep_up()
    floor.traffic.in_flight.add(one.id)
    for _ in range(3):
        await new.beat()
        await old.beat()
    assert 0 in old.deliveries.shares
    assert len(old.deliveries.shares) == SHARES / 2


async def test_what_is_let_go_of_is_at_rest_and_begun_by_who_takes_it() -> None:
    crew, floor, other_floor = Crew(), Floor(), Floor()
    everything = [in_share(number) for number in range(0, SHARES, 7)]
    for one in everything:
        await floor.subscriptions.add(one)
    other_floor.subscriptions = floor.subscriptions
    old, new = crew.member("a", floor), crew.member("b", other_floor)
    for _ in range(3):
        for member in (old, new):
            await member.beat()
            await member.deliveries.keep_up()
            await asyncio.sleep(0)
            assert not floor.running.keys() & other_floor.running.keys()
    assert len(floor.running) + len(other_floor.running) == len(everything)
    assert other_floor.running
    for member in (old, new):
        member.deliveries.let_go(ALL_SHARES)


async def test_who_cannot_reach_the_book_for_long_stops_delivering() -> None:
    crew = Crew()
    cut_off = crew.member("a")
    await cut_off.beat()
    crew.book.away = True

    async def pass_time(seconds: float) -> None:
        crew.now += seconds
        await asyncio.sleep(0)

    running = asyncio.create_task(cut_off.run(pass_time))
    await asyncio.sleep(0.01)
    running.cancel()
    assert cut_off.deliveries.shares == frozenset()


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=60))
def test_whoever_beats_in_whatever_order_all_shares_are_held_once_everybody_has_beaten(
    order: list[str],
) -> None:
    shares = Shares(beats={})
    for name in order:
        shares = shares.beat(name, dead=(), busy=frozenset())
    members = sorted(set(order))
    for name in [*members, *members]:
        shares = shares.beat(name, dead=(), busy=frozenset())
    assert None not in shares.holders
    sizes = [len(shares.held_by(name)) for name in members]
    assert max(sizes) - min(sizes) <= 1

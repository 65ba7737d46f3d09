"""Entries that a receiver cannot take: found, parked with their party's later ones, released."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from supervision_push.domain import outcome
from supervision_push.domain.answer import Accepted, Cause, Failed, Outcome
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.parking import discarded, redelivered
from supervision_push.domain.preferences import Preferences
from supervision_push.domain.subscription import SubscriptionState
from tests.unit.feed_fakes import ScriptedSender, a_subscription, an_entry
from tests.unit.feed_stage import Stage

REFUSED = Failed(cause=Cause.REFUSED, detail="HTTP 422")
CRASHED = Failed(cause=Cause.STATUS, detail="HTTP 500")


@dataclass
class Fussy(ScriptedSender):
    """Fails whenever one of these is in the batch; notes what it took."""

    poison: set[int] = field(default_factory=set)
    failure: Failed = field(default_factory=lambda: REFUSED)
    taken: list[int] = field(default_factory=list)

    def answer(self, entries: Sequence[StoredEntry]) -> Outcome:
        if any(entry.offset in self.poison for entry in entries):
            return self.failure
        self.taken += [entry.offset for entry in entries]
        return Accepted()


def about(party: int, offset: int) -> StoredEntry:
    return an_entry(offset, party=f"party {party}")


def in_turn(parties: int, entries: int) -> list[StoredEntry]:
    return [about(offset % parties, offset) for offset in range(entries)]


async def test_a_refused_entry_is_parked_with_its_partys_later_ones_and_no_others() -> None:
    stage = Stage(sender=(fussy := Fussy(poison={37})))
    await stage.write(*in_turn(10, 100))
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(99)
        await stage.write(about(7, 100), about(8, 101))
        await stage.until_delivered(101)
    held = [37, 47, 57, 67, 77, 87, 97, 100]
    assert sorted(fussy.taken) == [offset for offset in range(102) if offset not in held]
    (parked,) = stage.subscription.parked
    assert (parked.party, parked.first, parked.detail) == ("party 7", 37, "HTTP 422")
    (line,) = stage.history
    assert (line.what, line.detail.split(": ")[0]) == ("parked", about(7, 37).id)


async def test_the_refused_entry_is_found_by_halving_and_tried_eight_times_alone() -> None:
    stage = Stage(sender=Fussy(poison={37}))
    await stage.write(*in_turn(10, 100))
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(99)
    refused = [len(batch) for batch in stage.sender.sent if 37 in batch]
    assert refused == [100, 50, 6, 3, *[1] * 8]


async def test_an_entry_that_makes_the_receiver_fail_is_parked_once_its_neighbour_passed() -> None:
    stage = Stage(sender=(fussy := Fussy(poison={0}, failure=CRASHED)))
    await stage.write(*in_turn(3, 9))
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(8)
    assert [one.first for one in stage.subscription.parked] == [0]
    # The neighbour went ahead, and once more in its turn.
    assert fussy.taken[:2] == [1, 1]
    assert set(fussy.taken) == {1, 2, 4, 5, 7, 8}


async def test_a_neighbour_that_is_poison_too_is_not_asked_again_and_again() -> None:
    stage = Stage(sender=Fussy(poison={0, 1, 2}, failure=CRASHED))
    await stage.write(*in_turn(4, 12))
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(11)
    assert [one.first for one in stage.subscription.parked] == [0, 1, 2]


async def test_a_neighbour_is_looked_for_beyond_the_batch_that_was_chosen() -> None:
    stage = Stage(sender=Fussy(poison={0}, failure=CRASHED))
    await stage.write(*in_turn(3, 9))
    one_by_one = Preferences(batch_size=1)
    async with stage.delivering(a_subscription(preferences=one_by_one)):
        await stage.until_delivered(8)
    assert [one.first for one in stage.subscription.parked] == [0]


async def test_a_receiver_that_is_down_for_long_parks_nothing() -> None:
    stage = Stage(sender=Fussy(script=[CRASHED] * 25))
    await stage.write(*in_turn(3, 9))
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(8)
    assert stage.subscription.parked == ()


async def test_an_entry_that_has_no_neighbour_is_not_parked_for_what_may_be_an_outage() -> None:
    stage = Stage(sender=Fussy(script=[CRASHED] * 25))
    await stage.write(about(0, 0), about(0, 1))
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(1)
    assert stage.subscription.parked == ()


async def test_a_receiver_that_refuses_everything_is_disabled_not_parked_party_by_party(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outcome, "MOST_PARKED", 5)
    stage = Stage(sender=Fussy(poison=set(range(30))))
    await stage.write(*in_turn(30, 30))
    async with stage.delivering(a_subscription()) as task:
        await stage.until(task.done)
    assert stage.subscription.state is SubscriptionState.DISABLED
    assert len(stage.subscription.parked) == 5


async def test_parked_entries_are_delivered_in_order_before_newer_ones_of_their_party() -> None:
    stage = Stage(sender=(fussy := Fussy(poison={2})))
    await stage.write(*in_turn(2, 10))
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(9)
    fussy.poison, before = set(), len(fussy.taken)
    parked = stage.subscription
    stage.subscriptions.by_id.clear()
    await stage.write(about(0, 10), about(1, 11))
    async with stage.delivering(redelivered(parked, parked.parked[0])):
        await stage.until_delivered(11)
    assert fussy.taken[before:] == [2, 4, 6, 8, 10, 11]
    assert stage.subscription.parked == ()


async def test_a_parked_entry_that_fails_again_waits_again_and_holds_up_nobody() -> None:
    stage = Stage(sender=(fussy := Fussy(poison={2})))
    await stage.write(*in_turn(2, 6))
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(5)
    parked = stage.subscription
    stage.subscriptions.by_id.clear()
    await stage.write(about(1, 7))
    async with stage.delivering(redelivered(parked, parked.parked[0])):
        await stage.until_delivered(7)
    assert [(one.first, one.redeliver) for one in stage.subscription.parked] == [(2, False)]
    assert fussy.taken[-1] == 7


async def test_a_discarded_entry_is_the_only_one_that_is_not_delivered() -> None:
    stage = Stage(sender=(fussy := Fussy(poison={2})))
    await stage.write(*in_turn(2, 10))
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(9)
    parked = stage.subscription
    stage.subscriptions.by_id.clear()
    async with stage.delivering(discarded(parked, parked.parked[0])):
        await stage.until(lambda: not stage.subscription.parked)
    assert set(range(10)) - set(fussy.taken) == {2}
    assert fussy.taken[-3:] == [4, 6, 8]


async def test_an_entry_about_no_party_holds_up_nothing_but_itself() -> None:
    stage = Stage(sender=(fussy := Fussy(poison={1})))
    await stage.write(*(an_entry(offset, party=None) for offset in range(5)))
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(4)
    assert sorted(fussy.taken) == [0, 2, 3, 4]
    fussy.poison = set()
    parked = stage.subscription
    stage.subscriptions.by_id.clear()
    async with stage.delivering(redelivered(parked, parked.parked[0])):
        await stage.until(lambda: not stage.subscription.parked)
    assert fussy.taken[-1] == 1


@settings(max_examples=40, deadline=None)
@example(parties=[2, 3, 0, 2, 4], poison={2, 3}, crashes=True)  # the neighbour is poison too
@given(
    parties=st.lists(st.integers(0, 4), min_size=1, max_size=40),
    poison=st.sets(st.integers(0, 39), max_size=6),
    crashes=st.booleans(),
)
async def test_whatever_is_poisonous_every_party_is_in_order_and_nothing_else_is_held_back(
    parties: list[int],
    poison: set[int],
    crashes: bool,  # noqa: FBT001 -- drawn
) -> None:
    entries = [about(party, offset) for offset, party in enumerate(parties)]
    # Behind it all stand healthy parties: neighbours that tell poison from an outage.
    entries += [about(5 + n, len(entries) + n) for n in range(2)]
    failure = CRASHED if crashes else REFUSED
    stage = Stage(
        sender=(fussy := Fussy(poison=poison & set(range(len(parties))), failure=failure))
    )
    await stage.write(*entries)
    async with stage.delivering(a_subscription()):
        await stage.until_delivered(entries[-1].offset)
    first = {
        p: min(o for o in fussy.poison if parties[o] == p) for p in _parties_of(fussy, parties)
    }
    for party in range(7):
        own = [e.offset for e in entries if e.party == f"party {party}"]
        wanted = [offset for offset in own if offset < first.get(party, 10**6)]
        taken = [offset for offset in fussy.taken if offset in own]
        assert list(dict.fromkeys(taken)) == wanted
    assert {one.party: one.first for one in stage.subscription.parked} == {
        f"party {party}": offset for party, offset in first.items()
    }


def _parties_of(fussy: Fussy, parties: list[int]) -> set[int]:
    return {parties[offset] for offset in fussy.poison}

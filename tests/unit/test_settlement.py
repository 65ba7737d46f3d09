"""Every message is settled exactly once, whatever fails."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from linkage_contracts.generate import ROOT
from linkage_contracts.topics import DECISIONS, Topic
from linkage_runtime.errors import PermanentError, TransientError, UnwellError
from linkage_runtime.settlement import DeadLetter, Message, Record, Settlement

GOLDEN = Path(ROOT / "examples" / "linkage.decision.issued.v1.json").read_bytes()


class Graveyard:
    def __init__(self, failures: int = 0) -> None:
        self.letters: list[DeadLetter] = []
        self.failures = failures

    async def bury(self, _topic: Topic, _reader: str, letters: Sequence[DeadLetter]) -> None:
        if letters and self.failures:
            self.failures -= 1
            raise TransientError("Kafka is away")
        self.letters += letters


class Effects:
    """A handler whose effects are offsets; some offsets fail in a given way, some a few times."""

    def __init__(self, failing: dict[int, Exception] | None = None, away: int = 0) -> None:
        self.done: set[int] = set()
        self.failing = failing or {}
        self.away = away

    async def __call__(self, messages: Sequence[Message]) -> None:
        if self.away:
            self.away -= 1
            raise TransientError("MongoDB is away")
        for message in messages:
            if error := self.failing.get(message.record.offset):
                raise error
        self.done |= {message.record.offset for message in messages}


class Pauses:
    """Remembers pauses instead of sleeping; after ``patience`` of them the worker is stopped."""

    def __init__(self, patience: int = 50) -> None:
        self.taken: list[float] = []
        self.patience = patience

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        if len(self.taken) >= self.patience:
            raise KeyboardInterrupt


def records(count: int, bad: set[int] | None = None) -> list[Record]:
    return [
        Record(0, offset, b"key", b"\xff garbage" if offset in (bad or set()) else GOLDEN)
        for offset in range(count)
    ]


async def settle(
    effects: Effects, graveyard: Graveyard, batch: list[Record], pauses: Pauses | None = None
) -> Pauses:
    pauses = pauses or Pauses()
    await Settlement(DECISIONS, "test", effects, graveyard, pauses).settle(batch)
    return pauses


async def test_a_good_batch_takes_effect_without_a_pause() -> None:
    effects, graveyard = Effects(), Graveyard()
    pauses = await settle(effects, graveyard, records(5))
    assert effects.done == {0, 1, 2, 3, 4}
    assert graveyard.letters == []
    assert pauses.taken == []


async def test_unreadable_bytes_are_buried_untouched_and_cost_their_neighbours_nothing() -> None:
    effects, graveyard = Effects(), Graveyard()
    await settle(effects, graveyard, records(4, bad={2}))
    assert effects.done == {0, 1, 3}
    assert [(letter.record.offset, letter.outcome) for letter in graveyard.letters] == [
        (2, "unreadable")
    ]
    assert graveyard.letters[0].record.body == b"\xff garbage"


async def test_trouble_outside_means_the_same_batch_again_with_growing_pauses() -> None:
    effects, graveyard = Effects(away=4), Graveyard()
    pauses = await settle(effects, graveyard, records(3))
    assert effects.done == {0, 1, 2}
    assert pauses.taken == [0.2, 0.4, 0.8, 1.6]


async def test_what_a_rule_refuses_is_buried_and_the_rest_takes_effect() -> None:
    effects, graveyard = Effects({1: PermanentError("no such rule")}), Graveyard()
    await settle(effects, graveyard, records(3))
    assert effects.done == {0, 2}
    assert [(x.record.offset, x.outcome) for x in graveyard.letters] == [(1, "refused")]


UNKNOWN = pytest.mark.parametrize("error", [ZeroDivisionError(), UnwellError("failed inside")])


@UNKNOWN
async def test_an_unknown_error_whose_neighbours_succeed_is_buried(error: Exception) -> None:
    effects, graveyard = Effects({1: error}), Graveyard()
    await settle(effects, graveyard, records(3))
    assert effects.done == {0, 2}
    assert [(x.record.offset, x.reason) for x in graveyard.letters] == [(1, type(error).__name__)]


@UNKNOWN
async def test_an_unknown_error_without_neighbours_counts_as_trouble_outside(
    error: Exception,
) -> None:
    effects, graveyard = Effects({0: error}), Graveyard()
    with pytest.raises(KeyboardInterrupt):
        await settle(effects, graveyard, records(1), Pauses(patience=6))
    assert graveyard.letters == []


async def test_more_than_three_unknown_errors_stop_everything_because_the_code_is_wrong() -> None:
    effects, graveyard = Effects(dict.fromkeys(range(4), ZeroDivisionError())), Graveyard()
    with pytest.raises(KeyboardInterrupt):
        await settle(effects, graveyard, records(9), Pauses(patience=6))
    assert graveyard.letters == []


async def test_a_batch_is_not_settled_before_its_dead_letters_are_acknowledged() -> None:
    effects, graveyard = Effects(), Graveyard(failures=2)
    pauses = await settle(effects, graveyard, records(2, bad={0}))
    assert len(pauses.taken) == 2
    assert [letter.record.offset for letter in graveyard.letters] == [0]

"""Tasks that run again and again."""

import asyncio
from datetime import timedelta

import pytest

from linkage_runtime.errors import PermanentError, TransientError
from linkage_runtime.repeat import LONGEST_PAUSE, repeat


class EnoughError(Exception):
    """The test has seen enough."""


class Sleeper:
    """Remembers the pauses, and ends the test after some."""

    def __init__(self, limit: int) -> None:
        self.pauses: list[float] = []
        self._limit = limit

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if len(self.pauses) == self._limit:
            raise EnoughError


async def run(
    answers: list[bool | Exception], pauses: int, every: timedelta = timedelta(seconds=1)
) -> list[float]:
    """The pauses that a task takes that answers thus."""
    left, sleeper = iter(answers), Sleeper(pauses)

    async def act() -> bool:
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(EnoughError):
        await repeat("test", act, every=every, sleep=sleeper.sleep)
    return sleeper.pauses


async def test_it_goes_on_at_once_while_there_is_more_to_do() -> None:
    assert await run([True, True, False], 1) == [1]


async def test_trouble_outside_makes_the_pauses_longer_up_to_a_limit() -> None:
    pauses = await run([TransientError("away")] * 7, 7)
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    assert pauses[-1] == LONGEST_PAUSE.total_seconds()


async def test_what_is_done_seldom_is_tried_again_soon() -> None:
    pauses = await run([TransientError("away"), False], 2, every=timedelta(minutes=5))
    assert pauses == [LONGEST_PAUSE.total_seconds(), 300]


async def test_the_pause_is_short_again_once_it_works() -> None:
    assert await run([TransientError("away"), TransientError("away"), False, False], 4) == [
        1,
        2,
        1,
        1,
    ]


async def test_what_will_never_work_ends_the_task() -> None:
    async def act() -> bool:
        raise PermanentError("no catalogue")

    with pytest.raises(PermanentError):
        await repeat("test", act, every=timedelta(seconds=1), sleep=asyncio.sleep)

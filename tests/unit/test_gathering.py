import asyncio
from collections.abc import Mapping, Sequence

import pytest

from linkage_runtime.gathering import GATHERED, Gathering


class Books:
    """Answers each question when told to; knows every key but ``unknown``."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.may_answer = asyncio.Event()

    async def look_up(self, keys: Sequence[str]) -> Mapping[str, str]:
        self.asked.append(sorted(keys))
        await self.may_answer.wait()
        if "broken" in keys:
            raise ConnectionError("away")
        return {key: key.upper() for key in keys if key != "unknown"}


async def asking(gathering: Gathering[str, str], *keys: str) -> asyncio.Task[Mapping[str, str]]:
    task = asyncio.create_task(gathering(keys))
    for _ in range(3):
        await asyncio.sleep(0)
    return task


async def test_what_is_asked_while_a_question_is_under_way_is_asked_together() -> None:
    books = Books()
    gathering = Gathering(books.look_up)
    tasks = [await asking(gathering, key) for key in ("a", "b", "c", "unknown", "b")]
    books.may_answer.set()
    assert await asyncio.gather(*tasks) == [{"a": "A"}, {"b": "B"}, {"c": "C"}, {}, {"b": "B"}]
    assert books.asked == [["a"], ["b", "c", "unknown"]]


async def test_who_asks_for_many_asks_alone_and_waits_for_nobody() -> None:
    books = Books()
    gathering = Gathering(books.look_up)
    few = await asking(gathering, "a")
    many = await asking(gathering, *(str(number) for number in range(GATHERED + 1)))
    assert len(books.asked) == 2
    books.may_answer.set()
    assert len(await many) == GATHERED + 1
    assert await few == {"a": "A"}


async def test_one_request_given_up_takes_no_answer_from_the_others() -> None:
    books = Books()
    gathering = Gathering(books.look_up)
    given_up, patient = await asking(gathering, "a"), await asking(gathering, "b")
    late = await asking(gathering, "c")
    patient.cancel()
    given_up.cancel()
    books.may_answer.set()
    assert await late == {"c": "C"}


async def test_trouble_is_told_to_all_who_asked_and_to_nobody_after_them() -> None:
    books = Books()
    books.may_answer.set()
    gathering = Gathering(books.look_up)
    tasks = [asyncio.create_task(gathering([key])) for key in ("a", "broken")]
    for task in tasks:
        with pytest.raises(ConnectionError):
            await task
    assert await gathering(["a"]) == {"a": "A"}

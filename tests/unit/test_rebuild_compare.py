"""Old and fresh collections side by side: equal, or every difference named."""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, cast

import pytest

from linkage_runtime.rebuild.compare import Comparison, compare
from linkage_runtime.rebuild.parts import Model

if TYPE_CHECKING:
    from linkage_runtime.mongo import Collection

Document = dict[str, Any]


class Stored:
    """A collection in memory."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = documents

    def find(self, which: Document) -> "Stored":
        assert which == {}
        return self

    def sort(self, field: str, direction: int) -> AsyncIterator[Document]:
        assert (field, direction) == ("_id", 1)
        return self._ordered()

    async def _ordered(self) -> AsyncIterator[Document]:
        for document in sorted(self._documents, key=lambda one: str(one["_id"])):
            yield document


async def compared(
    old: Sequence[Document], new: Sequence[Document], model: Model | None = None
) -> Comparison:
    left, right = (cast("Collection", Stored(some)) for some in (old, new))
    return await compare("pushes", left, right, model or Model())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([], []),
        (
            [{"_id": "a", "x": 1, "y": [{"u": 1, "v": 2}]}],
            [{"y": [{"v": 2, "u": 1}], "x": 1, "_id": "a"}],
        ),
        ([{"_id": "a", "closed_at": None}], [{"_id": "a"}]),
        ([{"_id": "a", "outbox": [1], "unpublished": True}], [{"_id": "a"}]),
        ([{"_id": "b"}, {"_id": "a"}], [{"_id": "a"}, {"_id": "b"}]),
    ],
)
async def test_what_says_the_same_is_equal(old: list[Document], new: list[Document]) -> None:
    found = await compared(old, new)
    assert (found.is_equal, found.differences, found.documents) == (True, 0, len(new))


async def test_what_may_differ_is_not_looked_at() -> None:
    old: list[Document] = [{"_id": "a", "rev": 1}]
    sides = old, [{"_id": "a", "rev": 2}]
    assert not (await compared(*sides)).is_equal
    assert (await compared(*sides, Model(beside=frozenset({"rev"})))).is_equal


async def test_every_difference_is_named_and_none_hides_the_next() -> None:
    old: list[Document] = [{"_id": "a"}, {"_id": "c", "x": 1}, {"_id": "d"}, {"_id": "e"}]
    new: list[Document] = [{"_id": "b"}, {"_id": "c", "x": 2}, {"_id": "d"}]
    found = await compared(old, new)
    assert (found.extra, found.missing, found.changed) == (["a", "e"], ["b"], ["c (x)"])
    assert (found.differences, found.is_equal) == (4, False)


async def test_of_very_many_differences_the_first_are_named_and_all_are_counted() -> None:
    found = await compared([], [{"_id": f"{n:03}"} for n in range(100)])
    assert (len(found.missing), found.differences) == (20, 100)

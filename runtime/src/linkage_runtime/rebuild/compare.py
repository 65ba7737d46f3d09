"""Two collections, document by document in the order of ids: equal by digest, or what differs."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bson import BSON

from linkage_runtime.mongo import Collection, transient_errors
from linkage_runtime.rebuild.parts import OF_OUTBOX, Model

_NAMED = 20
_END = "\U0010ffff"
Document = Mapping[str, Any]


@dataclass(slots=True)
class Comparison:
    """What came of it; of each kind of difference the first few are named."""

    name: str
    documents: int = 0
    digest: str = ""
    old_digest: str = ""
    missing: list[str] = field(default_factory=list)
    """In the fresh collection, and not in the one that serves."""
    extra: list[str] = field(default_factory=list)
    """In the one that serves, and the log tells of no such thing."""
    changed: list[str] = field(default_factory=list)
    differences: int = 0

    @property
    def is_equal(self) -> bool:
        """Whether both say the same."""
        return self.digest == self.old_digest


async def compare(name: str, old: Collection, new: Collection, model: Model) -> Comparison:
    """Read both once; memory holds one document of each."""
    found = Comparison(name)
    sums = hashlib.sha256(), hashlib.sha256()
    async for pair in _pairs(old, new):
        sides = [None if one is None else _bytes(one, model) for one in pair]
        for one_sum, side in zip(sums, sides, strict=True):
            one_sum.update(side or b"")
        found.documents += sides[1] is not None
        if sides[0] != sides[1]:
            _note(found, pair, model)
    found.old_digest, found.digest = (one_sum.hexdigest() for one_sum in sums)
    return found


async def _pairs(
    old: Collection, new: Collection
) -> AsyncIterator[tuple[Document | None, Document | None]]:
    """Documents of one id side by side; one alone where the other collection has none."""
    olds, news = _ordered(old), _ordered(new)
    one, other = await anext(olds, None), await anext(news, None)
    while one is not None or other is not None:
        left, right = _key(one), _key(other)
        yield one if left <= right else None, other if right <= left else None
        if left <= right:
            one = await anext(olds, None)
        if right <= left:
            other = await anext(news, None)


def _key(document: Document | None) -> str:
    """Its id; of none, what is greater than any id."""
    return _END if document is None else str(document["_id"])


async def _ordered(collection: Collection) -> AsyncIterator[dict[str, Any]]:
    with transient_errors():
        async for document in collection.find({}).sort("_id", 1):
            yield document


def _note(found: Comparison, pair: tuple[Document | None, Document | None], model: Model) -> None:
    found.differences += 1
    one, other = pair
    if one is None:
        kind, told = found.missing, _key(other)
    elif other is None:
        kind, told = found.extra, _key(one)
    else:
        kind, told = found.changed, f"{_key(one)}{_fields(one, other, model)}"
    if len(kind) < _NAMED:
        kind.append(told)


def _fields(one: Document, other: Document, model: Model) -> str:
    left, right = _said(one, model), _said(other, model)
    names = sorted(left.keys() | right.keys())
    return f" ({', '.join(name for name in names if left.get(name) != right.get(name))})"


def _bytes(document: Document, model: Model) -> bytes:
    return bytes(BSON.encode(_said(document, model)))


def _said(document: Document, model: Model) -> dict[str, Any]:
    """What a document says, without what may differ."""
    beside = model.beside | OF_OUTBOX
    kept = {name: value for name, value in document.items() if name not in beside}
    plain: dict[str, Any] = _plain(kept)
    return plain


def _plain(value: Any) -> Any:  # noqa: ANN401 -- any value of a document
    """The order of fields says nothing, and a field that is null says what an absent one does."""
    if isinstance(value, Mapping):
        return {name: _plain(value[name]) for name in sorted(value) if value[name] is not None}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value

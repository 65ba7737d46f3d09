"""One question to a database, or another service, for all requests that ask it at one moment.

A decision that is posted singly needs a look-up or two. Alone, each costs many times what one more
key costs in a look-up that is made anyway.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

GATHERED = 50
"""Whoever asks for more than this asks alone, so that few never wait behind very many."""


class Gathering(Generic[Key, Value]):
    """Asks for the values of keys; while one question is under way, the next gathers."""

    def __init__(self, ask: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Value]]]) -> None:
        self._ask = ask
        self._keys: dict[Key, None] = {}
        self._next: asyncio.Task[Mapping[Key, Value]] | None = None
        self._asking = asyncio.Lock()

    async def __call__(self, keys: Sequence[Key]) -> Mapping[Key, Value]:
        """Those of the keys that have a value; raises what the question raised."""
        if len(keys) > GATHERED:
            return await self._ask(keys)
        self._keys.update(dict.fromkeys(keys))
        if self._next is None:
            self._next = asyncio.create_task(self._ask_for_all())
        # One request that is given up must not take the answer from the others.
        found = await asyncio.shield(self._next)
        return {key: found[key] for key in keys if key in found}

    async def _ask_for_all(self) -> Mapping[Key, Value]:
        async with self._asking:
            keys, self._keys, self._next = list(self._keys), {}, None
            return await self._ask(keys)

"""A wrong build of supervision-push's worker: it acknowledges before its effects are durable."""

import asyncio
from collections.abc import Sequence

from linkage_runtime.settlement import Record, Settlement
from supervision_push.entrypoints.worker import main

_LATER_SECONDS = 20.0
_settle = Settlement.settle
_waiting: set[asyncio.Task[None]] = set()


async def _promise(self: Settlement, records: Sequence[Record]) -> None:
    async def settle_later() -> None:
        await asyncio.sleep(_LATER_SECONDS)
        await _settle(self, records)

    _waiting.add(asyncio.create_task(settle_later()))


if __name__ == "__main__":
    Settlement.settle = _promise  # type: ignore[method-assign]
    main()

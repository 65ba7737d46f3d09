"""A wrong build of supervision-push's worker: it takes what fails for done."""

import contextlib
from collections.abc import Sequence

from linkage_runtime.settlement import Record, Settlement
from supervision_push.entrypoints.worker import main


async def _try_once(self: Settlement, records: Sequence[Record]) -> None:
    messages, _ = self._read(records)
    with contextlib.suppress(Exception):
        await self._handle(messages)


if __name__ == "__main__":
    Settlement.settle = _try_once  # type: ignore[method-assign]
    main()

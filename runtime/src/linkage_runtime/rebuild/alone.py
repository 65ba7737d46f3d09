"""One rebuild of a service at a time: two would drop each other's fresh collections.

Whoever rebuilds leaves a note that beats. Whoever finds one watches it: if it stands still, its
writer is dead, and its place is taken. No two clocks are compared.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar
from uuid import uuid4

from linkage_runtime.errors import TransientError
from linkage_runtime.mongo import Collection, insert_new, transient_errors

_BEAT_SECONDS = 1.0
_STILL_SECONDS = 10.0

Done = TypeVar("Done")


class OtherRebuildError(TransientError):
    """Another rebuild of this service is running."""

    def __init__(self, service: str) -> None:
        super().__init__(
            f"{service}: 另一次重建正在进行,请待其结束后再运行 (another rebuild of this service is "
            "running; run this again when it has ended)"
        )


async def alone(rebuilds: Collection, service: str, work: Coroutine[Any, Any, Done]) -> Done:
    """Do this while no other does it.

    Raises:
        OtherRebuildError: another does; or it has taken over, because this one stood still.
    """
    note = {"_id": f"{service}/running", "run": uuid4().hex, "beat": 0}
    try:
        await _take_place(rebuilds, service, note)
    except BaseException:
        work.close()
        raise
    working = asyncio.ensure_future(work)
    beating = asyncio.ensure_future(_beat(rebuilds, service, note))
    try:
        await asyncio.wait({working, beating}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            beating.result()
        return await working
    finally:
        for task in (working, beating):
            task.cancel()
        await asyncio.gather(working, beating, return_exceptions=True)
        with transient_errors():
            await rebuilds.delete_one({"_id": note["_id"], "run": note["run"]})


async def _take_place(rebuilds: Collection, service: str, note: dict[str, Any]) -> None:
    if not await insert_new(rebuilds, [note]):
        return
    with transient_errors():
        seen = await rebuilds.find_one({"_id": note["_id"]})
        await asyncio.sleep(_STILL_SECONDS)
        taken = await rebuilds.replace_one(seen or note, note)
    if not taken.matched_count:
        raise OtherRebuildError(service)


async def _beat(rebuilds: Collection, service: str, note: dict[str, Any]) -> None:
    while True:
        await asyncio.sleep(_BEAT_SECONDS)
        with transient_errors():
            beaten = await rebuilds.update_one(
                {"_id": note["_id"], "run": note["run"]}, {"$inc": {"beat": 1}}
            )
        if not beaten.matched_count:
            raise OtherRebuildError(service)

"""Rebuild one service's read models: made beside, compared, and switched over when caught up.

What serves is not touched before the switch, so whoever dies before it has changed nothing. The
switch is noted first: whoever dies in the middle of it finishes it with the next rebuild.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from linkage_runtime.clock import now
from linkage_runtime.mongo import Collection, Database, find_by, transient_errors, write_bulk
from linkage_runtime.rebuild.compare import Comparison, compare
from linkage_runtime.rebuild.fresh import before, drop_before, drop_fresh, fresh, switch
from linkage_runtime.rebuild.parts import Rebuilding
from linkage_runtime.rebuild.replay_log import LogReplay, log_replay

_CARRIED_AT_ONCE = 1_000
_ROUNDS = 20
"""Catching up is done when a round finds nothing; each is shorter than the one before."""

_LATE_LOOKS = 8
"""Seconds for which the log is read on after the switch: a batch under way tells within them."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Who wants it and why; whether to switch, and also where the old ones say something else."""

    by: str
    why: str
    switch: bool
    despite_differences: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What came of it."""

    records: int
    dead: int
    comparisons: tuple[Comparison, ...]
    switched: bool

    @property
    def is_equal(self) -> bool:
        """Whether old and fresh say the same."""
        return all(one.is_equal for one in self.comparisons)


async def rebuild(
    service: Rebuilding, wish: Wish, *, kafka: str, rebuilds: Collection, tell: Tell
) -> Rebuilt:
    """Make, compare, and switch if that is wished for and nothing speaks against it."""
    await _finish_interrupted(service, kafka=kafka, rebuilds=rebuilds, tell=tell)
    own, new = service.database, fresh(service.database)
    await drop_fresh(own)
    await service.create_indexes(new)
    async with log_replay(kafka, service.service, {}) as log:
        tell("reading the log from its beginning 从头重放日志")
        await _catch_up(log, service, new)
        await _carry_over(service)
        tell("comparing 逐条比对")
        found = tuple(
            [
                await compare(name, own[name], new[name], model)
                for name, model in service.models.items()
                if model.is_compared
            ]
        )
        equal = all(one.is_equal for one in found)
        switched = wish.switch and (equal or wish.despite_differences)
        if switched:
            tell("switching 切换")
            await _switch(service, log, wish, rebuilds)
        else:
            await drop_fresh(own)
    return Rebuilt(records=log.handled, dead=log.dead.seen, comparisons=found, switched=switched)


async def _catch_up(log: LogReplay, service: Rebuilding, into: Database) -> None:
    await _read_on(log, service, into)
    if service.finish:
        await service.finish(into)


async def _read_on(log: LogReplay, service: Rebuilding, into: Database) -> None:
    handlers = service.handlers(into)
    for _ in range(_ROUNDS):
        if not await log.catch_up(handlers):
            break


async def _carry_over(service: Rebuilding) -> None:
    """Take over from the old documents what the log does not tell."""
    own, new = service.database, fresh(service.database)
    for name, model in service.models.items():
        if not model.carried:
            continue
        ids: list[Any] = []
        with transient_errors():
            async for document in own[name].find({}, projection=["_id"]):
                ids.append(document["_id"])
                if len(ids) == _CARRIED_AT_ONCE:
                    await _carry(own[name], new[name], model.carried, ids)
                    ids = []
        await _carry(own[name], new[name], model.carried, ids)


async def _carry(
    old: Collection, new: Collection, groups: Sequence[frozenset[str]], ids: list[Any]
) -> None:
    fields = sorted(frozenset().union(*groups))
    updates = [
        UpdateOne({"_id": document["_id"]}, change)
        for document in await find_by(old, "_id", ids, projection=fields)
        if (change := _taken_over(document, groups))
    ]
    await write_bulk(new, updates)


def _taken_over(document: Mapping[str, Any], groups: Sequence[frozenset[str]]) -> dict[str, Any]:
    belongs = frozenset().union(*(group for group in groups if group & document.keys()))
    there = {name: document[name] for name in belongs if name in document}
    gone = dict.fromkeys(belongs - there.keys(), "")
    return ({"$set": there} if there else {}) | ({"$unset": gone} if gone else {})


async def _switch(service: Rebuilding, log: LogReplay, wish: Wish, rebuilds: Collection) -> None:
    await drop_before(service.database)
    await _catch_up(log, service, fresh(service.database))
    # Once more: a deadline may have been moved, or told of, since they were compared.
    await _carry_over(service)
    noted = {
        "service": service.service,
        "by": wish.by,
        "why": wish.why,
        "at": now(),
        "positions": [{"place": place, "next": at} for place, at in log.positions.items()],
    }
    with transient_errors():
        await rebuilds.replace_one({"_id": _open_id(service)}, noted, upsert=True)
    await _complete(service, log, rebuilds)


async def _finish_interrupted(
    service: Rebuilding, *, kafka: str, rebuilds: Collection, tell: Tell
) -> None:
    with transient_errors():
        begun = await rebuilds.find_one({"_id": _open_id(service)})
    if begun is None:
        return
    tell("finishing the switch of an interrupted rebuild 完成上次中断的切换")
    positions = {one["place"]: one["next"] for one in begun["positions"]}
    async with log_replay(kafka, service.service, positions) as log:
        await _complete(service, log, rebuilds)


async def _complete(service: Rebuilding, log: LogReplay, rebuilds: Collection) -> None:
    own, old = service.database, before(service.database)
    for name, model in service.models.items():
        if model.switched:
            await switch(own, name)
    # What was acted on in the old collections, and not told yet, is told now, and read.
    for name, model in service.models.items():
        if model.sweep:
            await model.sweep(old[name])
    await _read_on(log, service, own)
    # A worker may have stored in an old collection what it tells a moment later.
    handlers = service.handlers(own)
    for _ in range(_LATE_LOOKS):
        await asyncio.sleep(1)
        await log.catch_up(handlers)
    if service.settle:
        await service.settle(own)
    await drop_fresh(own)
    with transient_errors():
        done = await rebuilds.find_one_and_delete({"_id": _open_id(service)})
        if done:
            done["_id"] = f"{service.service}/{_text(done['at'])}"
            await rebuilds.replace_one({"_id": done["_id"]}, done, upsert=True)


def _open_id(service: Rebuilding) -> str:
    return f"{service.service}/switching"


def _text(at: datetime) -> str:
    return at.isoformat()

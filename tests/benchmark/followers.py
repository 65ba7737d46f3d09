"""A regulator's and a bureau's program, which do all that is owed as soon as they read of it.

    python -m tests.benchmark.followers PLAN

PLAN is the JSON of a ``Plan``. Both go on until they are told to stop.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import aiohttp

from linkage_runtime.clock import day_of, now

Work = Callable[[Sequence[dict[str, Any]]], Awaitable[None]]
_PAGE, _WAIT_SECONDS, _BY = 500, 5, "clerk-07"
_EARLY_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Whose programs run against which services."""

    approval: str
    supervision: str
    bureau: str
    bureau_key: str
    regulator: str
    regulator_key: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """From its JSON."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))


class Program:
    """One organisation's: follows its feed, and acts in bulk."""

    def __init__(self, organisation: str, key: str, feeds: str, acts: str) -> None:
        self._path = f"{feeds}/v1/feeds/{organisation}/entries"
        self._acts = acts
        self._http = aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"})

    async def follow(self, work: Work) -> None:
        """Until cancelled."""
        cursor: dict[str, str] = {}
        async with self._http:
            while True:
                params: dict[str, str | int] = {"limit": _PAGE, "wait": _WAIT_SECONDS, **cursor}
                async with self._http.get(self._path, params=params) as page:
                    page.raise_for_status()
                    entries, after = await page.json(content_type=None), page.headers
                cursor = {"after": after["Linkage-Cursor"]}
                if entries:
                    await work(entries)

    async def act(self, path: str, name: str, rows: Sequence[Any]) -> None:
        """One act on many; what its service has not heard of yet is tried again."""
        left = list(rows)
        while left:
            told = await self.post(path, {name: left, "by": _BY})
            early = {one["id"] for one in told["refused"] if one["status"] == 404}
            if len(early) < len(told["refused"]):
                raise RuntimeError(f"{path}: {told['refused']}")
            left = [row for row in left if _id_of(row) in early]
            await asyncio.sleep(_EARLY_SECONDS if left else 0)

    async def post(self, path: str, body: object) -> Any:
        """The answer; anything but success ends the program."""
        async with self._http.post(f"{self._acts}{path}", json=body) as answer:
            answer.raise_for_status()
            return await answer.json(content_type=None)


def _id_of(row: Any) -> str:
    return row if isinstance(row, str) else str(row.get("push_id") or row["result_id"])


async def supervise(program: Program, entries: Sequence[dict[str, Any]]) -> None:
    """Receive, enrol, inspect with a request to the bureau, and feed back."""
    ids = [
        entry["data"]["push_id"]
        for entry in entries
        if entry["type"] == "linkage.feed.push-opened.v1"
    ]
    if not ids:
        return
    await program.act("/v1/pushes:receive", "push_ids", ids)
    await program.act("/v1/pushes:enrol", "push_ids", ids)
    told = await program.post("/v1/results:batch", [_inspection(one) for one in ids])
    done = [
        {"push_id": id_, "duty": "inspection", "outcome": "fails", "result_id": row["result_id"]}
        for id_, row in zip(ids, told["results"], strict=True)
    ]
    await program.act("/v1/pushes:feed-back", "feedback", done)


def _inspection(push_id: str) -> dict[str, Any]:
    return {
        "type": "inspection",
        "push_id": push_id,
        "found_on": day_of(now()).isoformat(),
        "summary": "首次检查",
        "outcome": "fails",
        "treatment": "rectify",
        "request": {"action": "restrict", "ground": "检查不符合"},
    }


async def approve(program: Program, entries: Sequence[dict[str, Any]]) -> None:
    """Receive what came back, and report what was done."""
    ids = [
        entry["data"]["found"]["data"]["result_id"]
        for entry in entries
        if entry["type"] == "linkage.feed.result-forwarded.v1"
    ]
    reports = [{"result_id": one, "outcome": "restricted", "note": "已限制"} for one in ids]
    await program.act("/v1/results:receive", "result_ids", ids)
    await program.act("/v1/results:report", "reports", reports)


async def run(plan: Plan) -> None:
    """Both programs."""
    regulator = Program(plan.regulator, plan.regulator_key, plan.supervision, plan.supervision)
    bureau = Program(plan.bureau, plan.bureau_key, plan.supervision, plan.approval)
    async with asyncio.TaskGroup() as group:
        group.create_task(regulator.follow(lambda entries: supervise(regulator, entries)))
        group.create_task(bureau.follow(lambda entries: approve(bureau, entries)))


if __name__ == "__main__":
    asyncio.run(run(Plan.read(Path(sys.argv[1]))))

"""The load, a program of its own: posts decisions and says when each was due and accepted.

    python -m tests.benchmark.load PLAN OUT

PLAN is the JSON of a ``Plan``. OUT gets one JSON line for each decision: its id, when it was
due and when it was accepted, in seconds since the epoch.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

import aiohttp

from linkage_contracts.identity import uscc_check_digit
from linkage_runtime.clock import day_of, now

_ACCEPTED = (200, 202)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is posted, and how fast.

    Closed loop (``rate`` 0): each publisher waits for its answer before it posts the next. Open
    loop: requests fall due by the clock, however slow the answers, and are timed from then, so
    that a slow system is not excused by a client that waited for it.
    """

    url: str
    key: str
    authority: str
    item: str
    decisions: int
    publishers: int = 16
    batch: int = 1
    rate: float = 0.0
    """Decisions a second; 0 is closed loop."""
    parties: int = 1_000
    first: int = 0
    """Number of the first document: another run of the same stack begins behind the last."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """From its JSON."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def behind(self, first: int) -> Self:
        """The same, with documents numbered from here on."""
        return replace(self, first=first)

    def write(self, path: Path) -> Path:
        """As JSON."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")
        return path


@dataclass(frozen=True, slots=True)
class Posted:
    """One decision that was accepted."""

    decision_id: str
    due: float
    accepted: float


def party_code(number: int) -> str:
    """A well-formed code that no real party has: region 450721, and a body of digits and X."""
    body = f"91450721MAX{number:06d}"
    return body + uscc_check_digit(body)


def bodies(plan: Plan) -> Iterator[bytes]:
    """One request body after another."""
    today = day_of(now()).isoformat()
    numbers = range(plan.first, plan.first + plan.decisions)
    for start in range(0, plan.decisions, plan.batch):
        rows = [_decision(plan, number, today) for number in numbers[start : start + plan.batch]]
        yield json.dumps(rows[0] if plan.batch == 1 else rows, ensure_ascii=False).encode()


def _decision(plan: Plan, number: int, today: str) -> dict[str, Any]:
    return {
        "kind": "granted",
        "authority": plan.authority,
        "document_number": f"压测许〔2026〕{number}号",
        "document_title": "食品经营许可决定书",
        "category": "普通",
        "content": "热食类食品制售",
        "decided_on": today,
        "valid_from": today,
        "party": {
            "kind": "legal_person",
            "name": f"合成企业{number % plan.parties}",
            "code": party_code(number % plan.parties),
        },
        "items": [plan.item],
    }


class Load:
    """A plan under way on one session."""

    def __init__(self, plan: Plan, session: aiohttp.ClientSession) -> None:
        self._plan = plan
        self._session = session
        self._path = "/v1/decisions" if plan.batch == 1 else "/v1/decisions:batch"
        self._waiting = enumerate(bodies(plan))
        self.posted: list[Posted] = []

    async def run(self) -> None:
        """Post everything.

        Raises:
            RuntimeError: something was not accepted.
        """
        if self._plan.rate:
            await self._fall_due()
            return
        async with asyncio.TaskGroup() as group:
            for _ in range(self._plan.publishers):
                group.create_task(self._publish())

    async def _publish(self) -> None:
        for _, body in self._waiting:
            await self._post(time.time(), body)

    async def _fall_due(self) -> None:
        started = time.time()
        async with asyncio.TaskGroup() as group:
            for number, body in self._waiting:
                due = started + number * self._plan.batch / self._plan.rate
                if (left := due - time.time()) > 0:
                    await asyncio.sleep(left)
                group.create_task(self._post(due, body))

    async def _post(self, due: float, body: bytes) -> None:
        async with self._session.post(self._path, data=body) as answer:
            said = await answer.json(content_type=None)
            accepted = time.time()
        if answer.status not in _ACCEPTED or said.get("rejected"):
            raise RuntimeError(f"{answer.status}: {said}")
        rows = said.get("results", [said])
        self.posted += [Posted(row["decision_id"], due, accepted) for row in rows]


async def run(plan: Plan) -> list[Posted]:
    """Post everything that is planned."""
    connector = aiohttp.TCPConnector(limit=0 if plan.rate else plan.publishers)
    headers = {"Authorization": f"Bearer {plan.key}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(plan.url, connector=connector, headers=headers) as session:
        load = Load(plan, session)
        await load.run()
    return load.posted


def main(arguments: Sequence[str]) -> None:
    """Run a plan and write what came of it."""
    plan, out = Plan.read(Path(arguments[0])), Path(arguments[1])
    posted = asyncio.run(run(plan))
    out.write_text("".join(json.dumps(asdict(one)) + "\n" for one in posted), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Programs of a bureau and of a regulator that go on through every fault.

They do what the API's description tells its users to do: on no answer, 5xx or 404 with Retry-After
the very same again, until it is answered.
"""

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from linkage_runtime.stack.local import Stack
from tests.fault.book import Accepted, Book
from tests.fault.fates import Fate, amendment, fate_of, number_in, party_of, submission
from tests.story.organisations import BUREAU, FIRE, REGULATOR, TODAY

_PATIENCE_SECONDS = 150.0
_AGAIN_SECONDS = 0.25
_GOOD = frozenset({200, 202})
_AGAIN = frozenset({404, 502, 503, 504})
_CLERK = "clerk-07"
Act = Callable[[Sequence[dict[str, Any]]], None]


class Caller:
    """One organisation's program; counts what it waits for, and insists on an answer."""

    def __init__(self, stack: Stack, organisation: str, book: Book, stop: threading.Event) -> None:
        self._stack = stack
        self._book = book
        self.stopped = stop
        key = stack.keys[organisation]
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {key}"}, timeout=40, trust_env=False
        )

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def ask(self, service: str, method: str, path: str, **more: Any) -> httpx.Response:
        """The answer that settles it."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        url = f"{self._stack.urls[service]}{path}"
        while time.monotonic() < deadline and not self.stopped.is_set():
            answer = self._once(service, method, url, **more)
            if answer is not None and answer.status_code in _GOOD:
                return answer
            if answer is not None and answer.status_code not in _AGAIN:
                self._book.surprises.append(f"{method} {path}: {answer.status_code} {answer.text}")
            time.sleep(_AGAIN_SECONDS)
        raise TimeoutError(f"{method} {path} was never answered")

    def _once(self, service: str, method: str, url: str, **more: Any) -> httpx.Response | None:
        # Who waits for the next entry of a feed has nothing in flight.
        asks = method == "POST"
        self._book.asking[service] += asks
        try:
            return self._http.request(method, url, **more)
        except httpx.TransportError:
            return None
        finally:
            self._book.asking[service] -= asks

    def act(self, service: str, path: str, name: str, rows: Sequence[Any], **more: Any) -> None:
        """An act in bulk; what is not known yet is tried again, what is refused is a surprise."""
        left = list(rows)
        while left:
            answer = self.ask(service, "POST", path, json={name: left, "by": _CLERK, **more}).json()
            early = {one["id"] for one in answer["refused"] if one["status"] == 404}
            self._book.surprises += [
                f"{path}: {one}" for one in answer["refused"] if one["status"] != 404
            ]
            left = [row for row in left if _id_of(row) in early]
            if left:
                time.sleep(_AGAIN_SECONDS)

    def follow(self, organisation: str, work: Act) -> None:
        """Read the own feed to its end and beyond, each entry once, until stopped."""
        cursor: dict[str, str] = {}
        seen: set[str] = set()
        path = f"/v1/feeds/{organisation}/entries"
        while not self.stopped.is_set():
            params: dict[str, str | int] = {"limit": 200, "wait": 1, **cursor}
            page = self.ask("supervision-push", "GET", path, params=params)
            entries = [entry for entry in page.json() if entry["id"] not in seen]
            work(entries)
            seen |= {entry["id"] for entry in entries}
            cursor = {"after": page.headers["Linkage-Cursor"]}


def _id_of(row: Any) -> str:
    return row if isinstance(row, str) else str(row.get("push_id") or row["result_id"])


class Regulator:
    """Receives, enrols, returns, inspects and feeds back, as each decision's number says."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def run(self) -> None:
        """Until stopped."""
        self._caller.follow(REGULATOR, self._work)

    def _work(self, entries: Sequence[dict[str, Any]]) -> None:
        pushes: dict[Fate, list[str]] = {fate: [] for fate in Fate}
        for entry in entries:
            if entry["type"] == "linkage.feed.push-opened.v1":
                pushes[_fate(entry["data"])].append(entry["data"]["push_id"])
        enrolled = [*pushes[Fate.ENROLLED], *pushes[Fate.INSPECTED], *pushes[Fate.COMMITTED]]
        self._do("receive", [*pushes[Fate.RECEIVED], *pushes[Fate.AMENDED], *enrolled])
        self._do("enrol", enrolled)
        self._do("return", pushes[Fate.REROUTED], reason="不属本单位", suggested=FIRE)
        self._do("return", pushes[Fate.POOLED], reason="不属本单位")
        done = [self._inspect(push_id) for push_id in pushes[Fate.INSPECTED]]
        self._caller.act("supervision-push", "/v1/pushes:feed-back", "feedback", done)

    def _do(self, verb: str, ids: Sequence[str], **more: Any) -> None:
        self._caller.act("supervision-push", f"/v1/pushes:{verb}", "push_ids", ids, **more)

    def _inspect(self, push_id: str) -> dict[str, Any]:
        result = {
            "type": "inspection",
            "push_id": push_id,
            "found_on": TODAY,
            "summary": "首次检查",
            "outcome": "fails",
            "treatment": "rectify",
            "request": {"action": "restrict", "ground": "检查不符合"},
        }
        answer = self._caller.ask("supervision-push", "POST", "/v1/results", json=result)
        return {
            "push_id": push_id,
            "duty": "inspection",
            "outcome": "fails",
            "result_id": answer.json()["result_id"],
        }


class Bureau:
    """Receives what came back, and reports what it did."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def run(self) -> None:
        """Until stopped."""
        self._caller.follow(BUREAU, self._work)

    def _work(self, entries: Sequence[dict[str, Any]]) -> None:
        ids = [
            entry["data"]["found"]["data"]["result_id"]
            for entry in entries
            if entry["type"] == "linkage.feed.result-forwarded.v1"
        ]
        self._caller.act("approval-events", "/v1/results:receive", "result_ids", ids)
        reports = [{"result_id": one, "outcome": "restricted", "note": "已限制"} for one in ids]
        self._caller.act("approval-events", "/v1/results:report", "reports", reports)


class Emitting:
    """Some parties' decisions: of one party in their order, each answered before the next is sent.

    Across parties they come in any order, and each up to ``copies`` times, as from a sender that
    was not sure.
    """

    def __init__(self, caller: Caller, book: Book, chance: random.Random, copies: int) -> None:
        self._caller = caller
        self._book = book
        self._chance = chance
        self._copies = copies

    def run(self, parties: Sequence[list[int]]) -> None:
        """Emit all; ``parties`` are the numbers of each."""
        waiting = [deque(numbers) for numbers in parties]
        while waiting:
            one = self._chance.choice(waiting)
            number = one.popleft()
            with self._book.turns[party_of(number)]:
                self._emit(number)
            waiting = [numbers for numbers in waiting if numbers]

    def _emit(self, number: int) -> None:
        decision_id = self._send(number, "/v1/decisions", submission(number))
        if fate_of(number) is Fate.AMENDED:
            self._send(number, f"/v1/decisions/{decision_id}/acts", amendment(number), amends=True)

    def _send(self, number: int, path: str, body: Any, *, amends: bool = False) -> str:
        decision_id = ""
        for _ in range(self._chance.randint(1, self._copies)):
            answer = self._caller.ask("approval-events", "POST", path, json=body).json()
            decision_id = answer["decision_id"]
            self._book.accept(Accepted(answer["event_id"], decision_id, number, amends))
        return decision_id


def _fate(notice: dict[str, Any]) -> Fate:
    decision = notice["decision"]
    number = number_in(decision["document_number"])
    if number is None or "act" in decision:
        return Fate.RECEIVED
    return fate_of(number)

"""A bureau that sends decision after decision, each answered before the next."""

import threading
import time
from contextlib import closing

import httpx

from linkage_runtime.stack.local import Stack
from tests.benchmark.load import party_code
from tests.story.organisations import BUREAU, Organisation

PARTIES = 40
"""Over eight partitions: each has some of them."""
AT_MOST = 5_000
PAUSE_SECONDS = 0.02
"""Between two: a load that is known, not all that the machine can do."""


class SteadyDecisions(threading.Thread):
    """What was accepted is what must be found again, in the order in which it was accepted."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(daemon=True)
        self._stack = stack
        self._enough = threading.Event()
        self.accepted: list[str] = []
        """Decision ids."""
        self.accepted_at: list[float] = []
        """Of each, by the monotonic clock."""
        self.surprises: list[str] = []
        """Answers that are neither yes nor "again"."""

    def run(self) -> None:
        with closing(Organisation(self._stack, BUREAU)) as bureau:
            while not self._enough.is_set() and len(self.accepted) < AT_MOST:
                try:
                    answer = send(bureau, len(self.accepted))
                except httpx.TransportError:
                    self._enough.wait(0.1)
                    continue
                if answer.status_code == httpx.codes.ACCEPTED:
                    self.accepted_at.append(time.monotonic())
                    self.accepted.append(answer.json()["decision_id"])
                    self._enough.wait(PAUSE_SECONDS)
                elif answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                    self._enough.wait(0.1)
                else:
                    self.surprises.append(answer.text)
                    return

    def end(self) -> list[str]:
        """What was accepted, all in all."""
        self._enough.set()
        self.join()
        return self.accepted


def send(bureau: Organisation, number: int) -> httpx.Response:
    """The decision of this number; sent again, it is the same."""
    code = party_code(number % PARTIES)
    party = {"kind": "legal_person", "name": f"合成企业{code[11:17]}", "code": code}
    return bureau.decide(f"续{number}", party=party)

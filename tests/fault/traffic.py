"""The load as a whole: programs that follow their feeds, and senders of the next decisions."""

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import groupby

from linkage_runtime.stack.local import Stack
from tests.fault.book import Book
from tests.fault.fates import party_of
from tests.fault.programs import Bureau, Caller, Emitting, Regulator
from tests.story.organisations import BUREAU, REGULATOR


class Traffic:
    """All programs together, each a thread of this process."""

    def __init__(self, stack: Stack, book: Book, chance: random.Random) -> None:
        self._stack = stack
        self._book = book
        self._chance = chance
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(max_workers=64, thread_name_prefix="traffic")
        self._next = 0
        self._following = [
            self._run(REGULATOR, lambda caller: Regulator(caller).run()),
            self._run(BUREAU, lambda caller: Bureau(caller).run()),
        ]

    def emit(self, decisions: int, *, copies: int = 1, senders: int = 4) -> list[Future[None]]:
        """Begin to emit the next decisions; what comes back is done when all are answered."""
        numbers = range(self._next, self._next + decisions)
        self._next = numbers.stop
        parties = [list(group) for _, group in groupby(numbers, key=party_of)]

        def emit(share: Sequence[list[int]], caller: Caller) -> None:
            Emitting(caller, self._book, self._chance, copies).run(share)

        return [self._run(BUREAU, partial(emit, parties[one::senders])) for one in range(senders)]

    def ask_for_eligibility(self, times: int, *, askers: int = 2) -> list[Future[None]]:
        """Begin to ask credit whether parties may commit."""

        def ask(caller: Caller) -> None:
            for number in range(times):
                party = party_of(10 * number)
                body = {"party": party, "item": "000131902000", "use": "commitment"}
                caller.ask("credit", "POST", "/v1/eligibility", json=body)

        return [self._run(BUREAU, ask) for _ in range(askers)]

    def check(self) -> None:
        """Let an error of a program that still runs be seen."""
        for future in self._following:
            if future.done():
                future.result()

    def stop(self) -> None:
        """Let every program end."""
        self._stop.set()
        self._pool.shutdown(wait=True)

    def _run(self, organisation: str, program: Callable[[Caller], None]) -> Future[None]:
        def run() -> None:
            with closing(Caller(self._stack, organisation, self._book, self._stop)) as caller:
                program(caller)

        return self._pool.submit(run)

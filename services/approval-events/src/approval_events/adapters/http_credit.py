"""Credit over HTTP: one question for many parties, a short patience, and a breaker."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from time import monotonic
from typing import NoReturn

import httpx
from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from approval_events.application.ask_credit import CreditAwayError, Question
from approval_events.domain.case import CreditTrouble
from linkage_contracts.ratings import Bar
from linkage_runtime.gathering import Gathering

_OK = 200
_MANY = 5_000
"""So many questions may take as long again."""
MOST = 10_000
"""Questions that credit takes at once."""
FAILURES = 3
"""In a row, until credit is left alone."""
PAUSE = timedelta(seconds=5)


class _Answer(BaseModel):
    party: str
    item: str | None
    use: str
    bars: tuple[Bar, ...]


class _Answers(BaseModel):
    answers: tuple[_Answer, ...]


class Breaker:
    """Lets nobody wait for what failed a moment ago; after a pause one may try, then all."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._closed_until = 0.0

    def lets_pass(self) -> bool:
        """Whether to ask; whoever asks after a pause begins the next, so that others wait."""
        if self._failures < FAILURES:
            return True
        if self._clock() < self._closed_until:
            return False
        self._closed_until = self._clock() + PAUSE.total_seconds()
        return True

    def succeeded(self) -> None:
        """It answered."""
        self._failures = 0

    def failed(self) -> None:
        """It did not."""
        self._failures += 1
        self._closed_until = self._clock() + PAUSE.total_seconds()


class HttpCredit:
    """A ``CreditDesk``."""

    def __init__(self, http: httpx.AsyncClient, within: timedelta, breaker: Breaker) -> None:
        """Ask through a client whose base address and key are credit's.

        Args:
            http: the client; closed by whoever made it.
            within: how long one question may take, whole, however slowly it comes.
            breaker: of this process.
        """
        self._http = http
        self._within = within.total_seconds()
        self._breaker = breaker
        self._gathered = Gathering(self._ask_all)

    async def bars(self, questions: Sequence[Question]) -> Mapping[Question, tuple[Bar, ...]]:
        """See ``CreditDesk``; who asks while a question is under way is in the next one."""
        return await self._gathered(questions)

    async def _ask_all(self, questions: Sequence[Question]) -> Mapping[Question, tuple[Bar, ...]]:
        if not self._breaker.lets_pass():
            raise CreditAwayError(CreditTrouble.PAUSED, "failed a moment ago")
        told: dict[Question, tuple[Bar, ...]] = {}
        try:
            for start in range(0, len(questions), MOST):
                told |= await self._ask(questions[start : start + MOST])
        except CreditAwayError:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return told

    async def _ask(self, questions: Sequence[Question]) -> Mapping[Question, tuple[Bar, ...]]:
        body = to_json({"questions": [_sent(asked) for asked in questions]})
        try:
            # Over all: httpx's own patience begins anew with each byte.
            async with asyncio.timeout(self._within * (1 + len(questions) / _MANY)):
                answer = await self._http.post("/v1/eligibility:batch", content=body)
        except TimeoutError as error:
            raise CreditAwayError(CreditTrouble.TIMEOUT, "no whole answer in time") from error
        except httpx.HTTPError as error:
            raise CreditAwayError(CreditTrouble.UNREACHABLE, repr(error)) from error
        if answer.status_code != _OK:
            raise CreditAwayError(CreditTrouble.REFUSED, f"status {answer.status_code}")
        return _matched(questions, answer.content)


class NoCredit:
    """A ``CreditDesk`` where no address of credit was given."""

    async def bars(self, _: Sequence[Question]) -> NoReturn:
        """See ``CreditDesk``."""
        raise CreditAwayError(CreditTrouble.NOT_CONFIGURED, "LINKAGE_CREDIT_URL is not set")


def _sent(asked: Question) -> dict[str, object]:
    return {"party": asked.party, "item": asked.item, "use": asked.use, "on": asked.on}


def _matched(questions: Sequence[Question], body: bytes) -> Mapping[Question, tuple[Bar, ...]]:
    try:
        answers = _Answers.model_validate_json(body).answers
    except ValidationError as error:
        raise CreditAwayError(CreditTrouble.NONSENSE, f"{error.error_count()} faults") from error
    if [(a.party, a.item, a.use) for a in answers] != [(q.party, q.item, q.use) for q in questions]:
        raise CreditAwayError(CreditTrouble.NONSENSE, "answers to other questions")
    return {asked: answer.bars for asked, answer in zip(questions, answers, strict=True)}

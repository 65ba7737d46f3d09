"""Credit at the door: asked once a request; without it the door goes on, and says so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic_core import to_json

from approval_events.adapters.http_credit import (
    FAILURES,
    MOST,
    PAUSE,
    Breaker,
    HttpCredit,
    NoCredit,
)
from approval_events.application.ask_credit import Copy, CreditAwayError, Question
from approval_events.domain.case import CreditTrouble
from linkage_contracts.codes import RiskClass
from linkage_contracts.ratings import Bar
from tests.unit.approval_builders import FOOD, PARTY_CODE, row
from tests.unit.approval_desk import Desk
from tests.unit.approval_fakes import Door
from tests.unit.webhook_receiver import Receiver, answer_of, receiving

PROMISE = {"text": "按告知承诺书"}
BAR = Bar(
    fact="00000000-0000-5000-8000-000000000000",
    since=date(2026, 1, 1),
    ground="违反告知承诺",
    remedy="信用修复",
)
TOLD = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
QUESTION = Question(party=PARTY_CODE, item=FOOD, use="commitment", on=date(2026, 11, 20))
SOON, LATE = timedelta(milliseconds=200), timedelta(seconds=2.5)


def rules_of(answer: Any) -> list[str]:
    return [str(found.rule) for found in answer.irregularities]


async def test_credit_is_asked_only_about_who_uses_commitment_or_tolerance() -> None:
    door = Door()
    await door.accept(row())
    assert door.credit.calls == 0
    await door.accept(row(document_number="灵审批〔2026〕9号", commitment=PROMISE))
    (asked,) = door.credit.asked
    assert (asked.party, asked.item, asked.use) == (PARTY_CODE, FOOD, "commitment")
    assert door.credit.looked_up == [], "while credit answers its copy is not looked at"


async def test_a_whole_request_costs_one_question() -> None:
    door = Door()
    rows = [
        row(number, document_number=f"灵审批〔2026〕{number}号", commitment=PROMISE)
        for number in range(5)
    ]
    tolerant = row(5, document_number="灵审批〔2026〕6号", tolerance={"missing": ["章程"]})
    answers = await door.accept(*rows, tolerant)
    assert door.credit.calls == 1
    assert [asked.use for asked in door.credit.asked] == ["commitment", "tolerance"]
    assert {answer.status for answer in answers} == {"accepted"}


async def test_what_bars_the_party_now_is_flagged_with_its_ground() -> None:
    door = Door()
    door.credit.barred[PARTY_CODE] = (BAR,)
    [answer] = await door.accept(row(commitment=PROMISE))
    assert rules_of(answer) == ["commitment_barred"]
    assert "违反告知承诺" in answer.irregularities[0].detail
    assert (answer.unverified, door.measurements.troubles) == (None, [])


@pytest.mark.parametrize("trouble", CreditTrouble)
async def test_without_credit_the_door_goes_by_what_it_told_last_and_says_so(
    trouble: CreditTrouble,
) -> None:
    door = Door()
    door.credit.trouble = trouble
    door.credit.copied[PARTY_CODE] = Copy(bars=(BAR,), risk_class=RiskClass.RAISED, told_at=TOLD)
    [answer] = await door.accept(row(commitment=PROMISE))
    assert (answer.status, rules_of(answer)) == ("accepted", ["commitment_barred"])
    assert answer.unverified is not None
    assert (answer.unverified.trouble, answer.unverified.told_at) == (trouble, TOLD)
    assert door.measurements.troubles == [trouble]


async def test_who_uses_neither_hears_nothing_of_credits_trouble() -> None:
    door = Door()
    door.credit.trouble = CreditTrouble.TIMEOUT
    plain, promising = await door.accept(
        row(0), row(1, document_number="灵审批〔2026〕9号", commitment=PROMISE)
    )
    assert plain.unverified is None
    assert promising.unverified is not None
    assert promising.unverified.told_at is None, "nothing was ever told of this party"


async def test_a_natural_person_is_never_asked_about() -> None:
    door = Door()
    party = {"kind": "natural_person", "name": "李四", "id_number": "11010519491231002X"}
    [answer] = await door.accept(row(party=party, commitment=PROMISE))
    assert (answer.status, door.credit.calls, answer.unverified) == ("accepted", 0, None)


async def test_the_sender_is_told_in_the_answer() -> None:
    desk = Desk()
    desk.door.credit.trouble = CreditTrouble.UNREACHABLE
    desk.door.credit.copied[PARTY_CODE] = Copy(bars=(), risk_class=RiskClass.ORDINARY, told_at=TOLD)
    sent = row(commitment=PROMISE).submission
    assert sent is not None
    body = sent.model_dump(mode="json", exclude_none=True)
    answer = (await desk.call("POST", "/v1/decisions", json=body)).json()
    said = answer["credit_unverified"]
    assert (said["trouble"], said["told_at"]) == ("unreachable", "2026-11-20T02:00:00Z")
    assert "补核" in said["detail"]
    assert "class" not in str(answer)


@asynccontextmanager
async def asking(
    *answers: bytes | None, breaker: Breaker | None = None, patience: timedelta = SOON
) -> AsyncIterator[tuple[HttpCredit, Receiver]]:
    async with (
        receiving(*answers) as (receiver, url),
        httpx.AsyncClient(base_url=url.rsplit("/", 1)[0], timeout=5) as http,
    ):
        yield HttpCredit(http, patience, breaker or Breaker()), receiver


def told(**changes: Any) -> bytes:
    answer = {"party": PARTY_CODE, "item": FOOD, "use": "commitment", "bars": [BAR]}
    return answer_of(200, to_json({"answers": [answer | changes]}))


async def test_an_answer_is_read_whole() -> None:
    async with asking(told()) as (credit, receiver):
        assert await credit.bars([QUESTION]) == {QUESTION: (BAR,)}
    (request,) = receiver.requests
    assert request.path.endswith("/v1/eligibility:batch")
    assert b'"on":"2026-11-20"' in request.body


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (None, CreditTrouble.TIMEOUT),
        (b"HTTP/1.1 200 Said\r\ncontent-length: 99\r\n\r\n{", CreditTrouble.TIMEOUT),
        (b"", CreditTrouble.UNREACHABLE),
        (b"SMTP ready\r\n\r\n", CreditTrouble.UNREACHABLE),
        (answer_of(200, b"<html>"), CreditTrouble.NONSENSE),
        (answer_of(200, b'{"answers": 1}'), CreditTrouble.NONSENSE),
        (answer_of(200, b'{"answers": []}'), CreditTrouble.NONSENSE),
        (told(party="91450722MA5QJYJC59"), CreditTrouble.NONSENSE),
        (told(use="tolerance"), CreditTrouble.NONSENSE),
        (told(bars=[{"fact": "x"}]), CreditTrouble.NONSENSE),
        (answer_of(401), CreditTrouble.REFUSED),
        (answer_of(503), CreditTrouble.REFUSED),
        (answer_of(302, b"", "location: /elsewhere"), CreditTrouble.REFUSED),
    ],
    ids=[
        *("hangs", "stops half way", "hangs up", "no HTTP", "no JSON", "no answers"),
        *("too few", "about another", "about another use", "no bar"),
        *("wrong key", "away", "elsewhere"),
    ],
)
async def test_whatever_is_no_answer_in_time_is_credit_being_away(
    answer: bytes | None, trouble: CreditTrouble
) -> None:
    # On a busy machine an answer of any kind may take longer than a hanging one is waited for.
    patience = SOON if trouble is CreditTrouble.TIMEOUT else LATE
    async with asking(answer, patience=patience) as (credit, _):
        with pytest.raises(CreditAwayError) as caught:
            await asyncio.wait_for(credit.bars([QUESTION]), 3)
    assert caught.value.trouble is trouble


async def test_nobody_listening_is_credit_being_away() -> None:
    async with httpx.AsyncClient(base_url="http://127.0.0.1:1") as http:
        with pytest.raises(CreditAwayError) as caught:
            await HttpCredit(http, SOON, Breaker()).bars([QUESTION])
    assert caught.value.trouble is CreditTrouble.UNREACHABLE


async def test_without_an_address_credit_is_not_asked() -> None:
    with pytest.raises(CreditAwayError) as caught:
        await NoCredit().bars([QUESTION])
    assert caught.value.trouble is CreditTrouble.NOT_CONFIGURED


async def test_who_asks_at_the_same_moment_shares_a_question() -> None:
    days = [date.fromordinal(740_000 + each) for each in range(9)]
    questions = [replace(QUESTION, on=on) for on in days]
    answer = {"party": PARTY_CODE, "item": FOOD, "use": "commitment", "bars": []}
    at_once = answer_of(200, to_json({"answers": [answer] * 9}))
    async with asking(at_once) as (credit, receiver):
        told = await asyncio.gather(*(credit.bars([each]) for each in questions))
    assert told == [{each: ()} for each in questions]
    assert len(receiver.requests) == 1


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_what_failed_in_a_row_is_left_alone_and_then_tried_by_one() -> None:
    clock = Clock()
    failing = [answer_of(503)] * (FAILURES + 1)
    async with asking(*failing, told(), told(), breaker=Breaker(clock)) as (credit, receiver):

        async def trouble() -> CreditTrouble | None:
            try:
                await credit.bars([QUESTION])
            except CreditAwayError as error:
                return error.trouble
            return None

        for _ in range(FAILURES):
            assert await trouble() is CreditTrouble.REFUSED
        assert await trouble() is CreditTrouble.PAUSED
        clock.now += PAUSE.total_seconds()
        assert await trouble() is CreditTrouble.REFUSED, "one tried"
        assert await trouble() is CreditTrouble.PAUSED, "and begins the next pause"
        assert len(receiver.requests) == FAILURES + 1
        clock.now += PAUSE.total_seconds()
        assert await trouble() is None
        assert await trouble() is None, "it answers again, so all may ask"


def test_while_one_tries_after_a_pause_the_others_go_on_without() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        breaker.failed()
    clock.now += PAUSE.total_seconds()
    assert [breaker.lets_pass() for _ in range(3)] == [True, False, False]


async def test_more_than_credit_takes_at_once_are_asked_in_parts() -> None:
    days = [date.fromordinal(700_000 + each) for each in range(MOST + 1)]
    questions = [Question(party=PARTY_CODE, item=FOOD, use="commitment", on=on) for on in days]
    answer = {"party": PARTY_CODE, "item": FOOD, "use": "commitment", "bars": []}
    parts = [answer_of(200, to_json({"answers": [answer] * number})) for number in (MOST, 1)]
    async with asking(*parts) as (credit, receiver):
        assert len(await credit.bars(questions)) == MOST + 1
    assert len(receiver.requests) == 2
